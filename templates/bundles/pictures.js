// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function p(e,t="",n=""){let o=document.createElement(
e);return o.textContent=t,n&&(o.className=
n),o}function C(e,{read:t=!1}={}){return e.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}var $=(e,t)=>Math.min(t-1,Math.max(0,e));
function f(e,t=document){return t.querySelector(
e)}function S(e,t,n=document){return Array.
from(n.querySelectorAll(t)).filter(o=>o instanceof
e)}function w(e,t){return e.elements.namedItem(
t)}function O(){for(let e of document.querySelectorAll(
"[data-needs-script]"))e.removeAttribute(
"hidden")}function v(...e){return{read:t=>e.find(n=>n===
t)??e[0],write:t=>t===e[0]?"":t}}var d={
read:e=>e??"",write:e=>e},y={read:e=>/^\d+$/.
test(e??"")?Number(e):-1,write:e=>e<0?"":
String(e)},X={read:e=>({column:(e||"head").
replace(/^-/,""),down:e?.startsWith("-")??
!1}),write:({column:e,down:t})=>e==="hea\
d"&&!t?"":(t?"-":"")+e},Q={read:e=>e?e.split(
","):null,write:e=>e?e.join()||"none":""},
V={read:e=>(e??"").split(",").filter(Boolean).
map(Z),write:e=>e.map(({column:t,least:n,
most:o})=>`${t}:${n??""}:${o??""}`).join()};
function Z(e){let t=e.split(":"),[n,o]=t.
slice(-2);return{column:t.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:o?Number(
o):void 0}}var g=class{constructor(t){this.
fields=t}read(){let{choices:t}=I(),n=Object.
entries(this.fields).map(([o,s])=>[o,s.read(
t.get(o))]);return Object.fromEntries(n)}format(t,n=""){
let o=new URLSearchParams;for(let[s,r]of Object.
entries(this.fields)){let i=s in t?r.write(
t[s]):"";i&&o.set(s,i)}return[n,String(o).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(t,n="",{step:o=!0}={}){let s=this.
format(t,n);if(location.hash===(s&&`#${s}`))
return;let r=o?history.pushState:history.
replaceState;try{r.call(history,null,"",
s?`#${s}`:location.pathname+location.search)}catch{}}onChange(t,{
anchors:n=!1}={}){addEventListener("hash\
change",()=>{(n||!tt())&&t()})}};function I(){
let e=location.hash.slice(1),[t,...n]=e.
split("&"),o=t.includes("=")?"":t;return{
anchor:o,choices:new URLSearchParams(o?n.
join("&"):e)}}function tt(){let{anchor:e}=I(),
t=Number(e.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(e)?e:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??e}var T={view:v("matrix","te\
xt","arcs"),direction:v("to","from"),scale:v(
"linear","root"),sink:v("","show","hide"),
row:y,column:y},pt=new g(T),ft=new g({a:d,
b:d,text:d,...T}),mt=new g({pattern:d,probe:d,
value:v("score","sinkfree"),scale:v("ful\
l","fit"),label:d}),wt=new g({text:d,label:d,
probe:d,from:d,to:d,sort:X,columns:Q,range:V,
page:y}),gt=new g({x:d,y:d}),bt=new g({by:d,
through:d,from:d,to:d,head:d,least:y}),xt=new g(
{a:d,b:d,pattern:d}),L=new g({picture:d,
head:d,step:y,word:y});var P=e=>Array.from({length:256},(t,n)=>Number.
parseInt(e.slice(6*n,6*n+6),16)),D=P(window.
headatlas.light),et=P(window.headatlas.dark),
yt=new Map(D.map((e,t)=>[e,t])),F=matchMedia(
"(prefers-color-scheme: dark)"),R=[],q=!1,
nt=()=>F.matches&&!q?et:D;var B=e=>R.push(e);function W(){for(let e of R)
e()}F.addEventListener("change",W);for(let[
e,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(e,()=>{q=t,W()});var ot=e=>`\
#${e.toString(16).padStart(6,"0")}`,st=(e,t)=>Math.
round(255*(t?Math.sqrt(e):e));function U(e,t,n=nt()){
let o=n[st(Math.min(Math.max(e,0),1),t)],
s=rt(o)>.179;return{background:ot(o),color:s?
"#000":"#fff"}}function rt(e){let[t,n,o]=it(
e).map(s=>{let r=s/255;return r<=.04045?
r/12.92:((r+.055)/1.055)**2.4});return .2126*
t+.7152*n+.0722*o}var it=e=>[16,8,0].map(
t=>e>>t&255);var j=new Map,at=e=>new Promise((t,n)=>{
let o=document.createElement("script");o.
src=e,o.onload=()=>t(),o.onerror=()=>n(new Error(
`${e} could not be loaded`)),document.head.
append(o)});async function H(e,t){if(!(window.
headatlas?.data&&e in window.headatlas.data)){
let n=j.get(t)??at(t);j.set(t,n),await n.
finally(()=>j.delete(t))}return window.headatlas.
data[e]}function A(e){return e===null?"–":Math.
abs(e)>=9.95?e.toFixed(0):Math.abs(e)>1?
e.toFixed(1):e.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var ct=[255,120,0],lt=.8,E=class e{constructor(t,n){
this.file=t,this.pixels=n,this.bytes=Uint8Array.
from(atob(t.maps),o=>o.charCodeAt(0)),this.
nPlaces=t.grid[0]*t.grid[1]}static async of(t){
let n=new Image;n.src=t.image,await n.decode();
let o=p("canvas");[o.width,o.height]=[n.
naturalWidth,n.naturalHeight];let s=C(o,
{read:!0});return s.drawImage(n,0,0),new e(
t,s.getImageData(0,0,o.width,o.height))}weights(t,n){
let{heads:o,noise:s,tokens:r}=this.file,
i=r.length*this.nPlaces,c=new Float64Array(
i),l=t?[o.indexOf(t)]:o.map((u,b)=>b),a=n<
0?s.map((u,b)=>b):[n];for(let u of l)for(let b of a){
let x=(u*s.length+b)*i;for(let m=0;m<i;m++)
c[m]+=this.bytes[x+m]}let h=255*l.length*
a.length;return c.map(u=>u/h)}paint(t,n){
let{width:o,height:s,data:r}=this.pixels;
[t.width,t.height]=[o,s];let i=C(t);if(!n)
return i.putImageData(this.pixels,0,0);let[
c,l]=this.file.grid,a=Math.max(...n)||1,
h=i.createImageData(o,s);for(let u=0;u<s;u++){
let b=l*Math.floor(u*c/s);for(let x=0;x<
o;x++){let m=4*(u*o+x),J=.299*r[m]+.587*
r[m+1]+.114*r[m+2],N=lt*n[b+Math.floor(x*
l/o)]/a;for(let k=0;k<3;k++)h.data[m+k]=
J*(1-N)+ct[k]*N;h.data[m+3]=255}}i.putImageData(
h,0,0)}};var K={ArrowUp:[-1,0],ArrowDown:[1,0],ArrowLeft:[
0,-1],ArrowRight:[0,1]},M=class{#n={word:-1,
cell:-1};#t={word:-1,cell:-1};#e=null;#i=new Float64Array;constructor(){
this.form=f(".picture-controls"),this.canvas=
f(".picture-large canvas"),this.spot=f("\
.picture-large .spot"),this.words=f(".pr\
ompt"),this.list=f(".word-maps"),this.readout=
f("#picture-readout"),this.first=w(this.
form,"picture").value}async start(){f("[\
data-without-script]").hidden=!0,this.form.
addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("input",()=>{
this.#d()}),L.onChange(()=>{this.#a()}),
B(()=>this.#s());for(let t of[this.words,
this.list])this.#f(t);this.#m(),await this.#a()}#a(){
let{picture:t,head:n,step:o,word:s}=L.read();
for(let[r,i]of[["picture",t||this.first],
["head",n]]){let c=w(this.form,r);c.value=
i,c.value||(c.value=r==="picture"?this.first:
"")}return this.#t={word:s,cell:-1},this.#l(
o+1)}#d(){let t=Number(w(this.form,"step").
value);return this.#c(t),this.#l(t)}#c(t){
let[n,o]=["picture","head"].map(r=>w(this.
form,r).value),s={picture:n===this.first?
"":n,head:o,step:t-1,word:this.#t.word};
L.write(s)}async#l(t){let n=w(this.form,
"picture").value,o=await H(`${this.form.
dataset.slug} ${n}`,`data/${n}.js`),s=this.#e,
r=s&&s.file===o?s:await E.of(o);if(n!==w(
this.form,"picture").value)return;r!==s&&
this.#h(r);let i=w(this.form,"step");i.max=
String(o.noise.length),i.value=String(Math.
min(t,o.noise.length));let c=Number(i.value)-
1,l=c<0?`mean of ${o.noise.length}`:`${c+
1} of ${o.noise.length}, noise ${A(o.noise[c])}`;
f("[data-step]",this.form).textContent=l,
i.setAttribute("aria-valuetext",l);let a=w(
this.form,"head").value;this.#i=r.weights(
a,c);for(let h of document.querySelectorAll(
".picture-heads tr[data-head]"))h.classList.
toggle("chosen",h.getAttribute("data-hea\
d")===a);this.#u(),this.#s(),this.canvas.
dataset.shown=`${n} ${a} ${c}`}#h(t){this.#e=
t;let{tokens:n}=t.file;this.#n={word:-1,
cell:-1},this.#t.word>=n.length&&(this.#t.
word=-1),this.words.replaceChildren(...n.
flatMap((o,s)=>[_(o,s)," "])),this.list.
replaceChildren(...n.map((o,s)=>{let r=p(
"li"),i=_("",s),c=p("canvas");c.setAttribute(
"aria-hidden","true");let l=p("span"),a=p(
"bdi",o,"token");return a.translate=!1,l.
append(a," ",p("span","","soft")),i.append(
c,l),r.append(i),r}))}#u(){let t=this.#e;
this.list.querySelectorAll("li").forEach(
(n,o)=>{let s=this.#r(o);t.paint(f("canv\
as",n),s),f(".soft",n).textContent=A(Math.
max(...s))})}#r(t){let{nPlaces:n}=this.#e;
return this.#i.subarray(t*n,(t+1)*n)}#s(){
let t=this.#e;if(!t)return;let n=this.#n.
word>=0||this.#n.cell>=0,{word:o,cell:s}=n?
this.#n:this.#t;t.paint(this.canvas,o<0?
null:this.#r(o));let[r,i]=t.file.grid;this.
spot.hidden=s<0,this.spot.style.setProperty(
"inset-block-start",`${100*Math.floor(s/
i)/r}%`),this.spot.style.setProperty("in\
set-inline-start",`${100*(s%i)/i}%`),this.
spot.style.width=`${100/i}%`,this.spot.style.
height=`${100/r}%`;let c=t.file.tokens.map(
(l,a)=>s<0?null:this.#r(a)[s]);for(let l of[
this.words,this.list])l.querySelectorAll(
"button").forEach((a,h)=>{if(a.setAttribute(
"aria-pressed",String(h===this.#t.word)),
a.classList.toggle("pointed-word",h===o),
l!==this.words)return;let u=c[h]===null?
null:U(c[h],!0);a.style.background=u?.background??
"",a.style.color=u?.color??""});this.readout.
textContent=this.#p(o,s,c)}#p(t,n,o){let{
tokens:s,grid:r}=this.#e.file;if(n>=0){let i=`\
row ${Math.floor(n/r[1])+1}, column ${n%
r[1]+1}`,c=s.map((l,a)=>({token:l,weight:o[a]??
0})).sort((l,a)=>a.weight-l.weight);return`\
From ${i}: ${c.slice(0,4).map(({token:l,
weight:a})=>`${l} ${A(a)}`).join(", ")}`}
if(t>=0){let i=this.#r(t),c=i.reduce((l,a)=>l+
a,0)/i.length;return`${s[t]}: ${A(c)} of\
 the attention of all places, ${A(Math.max(
...i))} at most`}return"Point at a word \
or at a place of the picture."}#f(t){let n=({
target:s})=>{let r=s instanceof Element?
s.closest("button"):null;return r?Number(
r.dataset.word):-1},o=s=>this.#o({word:n(
s),cell:-1});t.addEventListener("pointer\
over",o),t.addEventListener("focusin",o),
t.addEventListener("pointerleave",()=>this.#o(
{word:-1,cell:-1})),t.addEventListener("\
focusout",()=>this.#o({word:-1,cell:-1})),
t.addEventListener("click",s=>{let r=n(s);
r<0||(this.#t={word:r===this.#t.word?-1:
r,cell:-1},this.#t.word<0&&(this.#n={word:-1,
cell:-1}),this.#c(Number(w(this.form,"st\
ep").value)),this.#s())})}#m(){let t=o=>{
let[s,r]=this.#e?.file.grid??[1,1];return $(
Math.floor(o.offsetY/this.canvas.clientHeight*
s),s)*r+$(Math.floor(o.offsetX/this.canvas.
clientWidth*r),r)},n=o=>this.#o({word:this.#t.
word,cell:t(o)});this.canvas.addEventListener(
"pointermove",n),this.canvas.addEventListener(
"pointerdown",n),this.canvas.addEventListener(
"pointerleave",()=>this.#o({word:-1,cell:-1})),
this.canvas.addEventListener("click",o=>{
let s=t(o);this.#t.cell=s===this.#t.cell?
-1:s,this.#s()}),this.canvas.addEventListener(
"blur",()=>this.#o({word:-1,cell:-1})),this.
canvas.addEventListener("keydown",o=>this.#w(
o))}#w(t){if(!(this.#e&&t.key in K))return;
t.preventDefault();let[n,o]=K[t.key],[s,
r]=this.#e.file.grid,i=this.#n.cell<0?Math.
floor(s/2)*r+Math.floor(r/2):this.#n.cell,
c=$(Math.floor(i/r)+n,s),l=$(i%r+o,r);this.#o(
{word:this.#t.word,cell:c*r+l})}#o(t){this.#n=
t,this.#s()}};function _(e,t){let n=p("b\
utton");if(n.type="button",n.dataset.word=
String(t),e){let o=p("bdi",e,"token");o.
translate=!1,n.append(o)}return n}var dt=new Intl.Collator("en",{numeric:!0,
sensitivity:"base"});function G(){for(let e of S(
HTMLTableElement,"table[data-sortable]")){
let t=S(HTMLTableCellElement,"thead th",
e);t.forEach((n,o)=>{let s=p("button",n.
textContent?.trim());s.type="button",s.addEventListener(
"click",()=>ht(e,t,o)),n.replaceChildren(
s)})}}function ht(e,t,n){let[o]=e.tBodies,
s=Array.from(o.rows),r=t[n].classList.contains(
"n"),i=t[n].getAttribute("aria-sort"),c=i===
null?r:i==="ascending",l=(a,h)=>r?z(a.cells[n])-
z(h.cells[n]):dt.compare(Y(a,n),Y(h,n));
s.sort((a,h)=>c?l(h,a):l(a,h)),o.append(
...s);for(let a of t)a.removeAttribute("\
aria-sort");t[n].setAttribute("aria-sort",
c?"descending":"ascending")}var Y=(e,t)=>e.
cells[t].textContent?.trim()??"",z=e=>Number(
e.dataset.value??e.textContent);O();G();new M().start();})();
