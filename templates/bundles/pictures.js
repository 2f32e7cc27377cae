// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(e,t="",n=""){let o=document.createElement(
e);return o.textContent=t,n&&(o.className=
n),o}function M(e,{read:t=!1}={}){return e.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}var $=(e,t)=>Math.min(t-1,Math.max(0,e));
function f(e,t=document){return t.querySelector(
e)}function S(e,t,n=document){return Array.
from(n.querySelectorAll(t)).filter(o=>o instanceof
e)}function w(e,t){return e.elements.namedItem(
t)}function I(){for(let e of document.querySelectorAll(
"[data-needs-script]"))e.removeAttribute(
"hidden")}function y(...e){return{read:t=>e.find(n=>n===
t)??e[0],write:t=>t===e[0]?"":t}}var d={
read:e=>e??"",write:e=>e},v={read:e=>/^\d+$/.
test(e??"")?Number(e):-1,write:e=>e<0?"":
String(e)},Z={read:e=>({column:(e||"head").
replace(/^-/,""),down:e?.startsWith("-")??
!1}),write:({column:e,down:t})=>e==="hea\
d"&&!t?"":(t?"-":"")+e},tt={read:e=>e?e.
split(","):null,write:e=>e?e.join()||"no\
ne":""},et={read:e=>(e??"").split(",").filter(
Boolean).map(nt),write:e=>e.map(({column:t,
least:n,most:o})=>`${t}:${n??""}:${o??""}`).
join()};function nt(e){let t=e.split(":"),
[n,o]=t.slice(-2);return{column:t.slice(
0,-2).join(":"),least:n?Number(n):void 0,
most:o?Number(o):void 0}}var g=class{constructor(t){
this.fields=t}read(){let{choices:t}=N(),
n=Object.entries(this.fields).map(([o,r])=>[
o,r.read(t.get(o))]);return Object.fromEntries(
n)}format(t,n=""){let o=new URLSearchParams;
for(let[r,s]of Object.entries(this.fields)){
let i=r in t?s.write(t[r]):"";i&&o.set(r,
i)}return[n,String(o).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,n="",{
step:o=!0}={}){let r=this.format(t,n);if(location.
hash===(r&&`#${r}`))return;let s=o?history.
pushState:history.replaceState;try{s.call(
history,null,"",r?`#${r}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:n=!1}={}){
addEventListener("hashchange",()=>{(n||!ot())&&
t()})}};function N(){let e=location.hash.
slice(1),[t,...n]=e.split("&"),o=t.includes(
"=")?"":t;return{anchor:o,choices:new URLSearchParams(
o?n.join("&"):e)}}function ot(){let{anchor:e}=N(),
t=Number(e.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(e)?e:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??e}var j={view:y("matrix","te\
xt","arcs"),direction:y("to","from"),scale:y(
"linear","root"),sink:y("","show","hide"),
row:v,column:v},wt=new g(j),gt=new g({a:d,
b:d,text:d,...j}),bt=new g({pattern:d,probe:d,
value:y("score","sinkfree"),scale:y("ful\
l","fit"),label:d}),xt=new g({text:d,label:d,
probe:d,from:d,to:d,sort:Z,columns:tt,range:et,
page:v}),yt=new g({x:d,y:d}),vt=new g({by:d,
through:d,from:d,to:d,head:d,least:v}),At=new g(
{a:d,b:d,pattern:d}),k=new g({picture:d,
head:d,step:v,word:v});var P=e=>Array.from({length:256},(t,n)=>Number.
parseInt(e.slice(6*n,6*n+6),16)),D=P(window.
headatlas.light),rt=P(window.headatlas.dark),
Et=new Map(D.map((e,t)=>[e,t])),F=matchMedia(
"(prefers-color-scheme: dark)"),B=[],R=!1,
st=()=>F.matches&&!R?rt:D;var U=e=>B.push(e);function H(){for(let e of B)
e()}F.addEventListener("change",H);for(let[
e,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(e,()=>{R=t,H()});var it=e=>`\
#${e.toString(16).padStart(6,"0")}`,at=(e,t)=>Math.
round(255*(t?Math.sqrt(e):e));function q(e,t,n=st()){
let o=n[at(Math.min(Math.max(e,0),1),t)],
r=ct(o)>.179;return{background:it(o),color:r?
"#000":"#fff"}}function ct(e){let[t,n,o]=lt(
e).map(r=>{let s=r/255;return s<=.04045?
s/12.92:((s+.055)/1.055)**2.4});return .2126*
t+.7152*n+.0722*o}var lt=e=>[16,8,0].map(
t=>e>>t&255);var T=new Map,dt=e=>new Promise((t,n)=>{
let o=document.createElement("script");o.
src=e,o.onload=()=>t(),o.onerror=()=>n(new Error(
`${e} could not be loaded`)),document.head.
append(o)});async function W(e,t){if(!(window.
headatlas?.data&&e in window.headatlas.data)){
let n=T.get(t)??dt(t);T.set(t,n),await n.
finally(()=>T.delete(t))}return window.headatlas.
data[e]}function A(e){return e===null?"–":Math.
abs(e)>=9.95?e.toFixed(0):Math.abs(e)>1?
e.toFixed(1):e.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var ht=[255,120,0],ut=.8;async function _(e){
let t=new Image;t.src=e,await t.decode();
let n=u("canvas");[n.width,n.height]=[t.
naturalWidth,t.naturalHeight];let o=M(n,
{read:!0});return o.drawImage(t,0,0),o.getImageData(
0,0,n.width,n.height)}function K(e,t,[n,
o],r){let{width:s,height:i,data:a}=t;[e.
width,e.height]=[s,i];let c=M(e);if(!r)return c.
putImageData(t,0,0);let l=Math.max(...Array.
from(r))||1,h=c.createImageData(s,i);for(let p=0;p<
i;p++){let b=o*Math.floor(p*n/i);for(let x=0;x<
s;x++){let m=4*(p*s+x),Q=.299*a[m]+.587*
a[m+1]+.114*a[m+2],O=ut*r[b+Math.floor(x*
o/s)]/l;for(let E=0;E<3;E++)h.data[m+E]=
Q*(1-O)+ht[E]*O;h.data[m+3]=255}}c.putImageData(
h,0,0)}function G(e,[t,n],o){e.hidden=o<
0,e.style.setProperty("inset-block-start",
`${100*Math.floor(o/n)/t}%`),e.style.setProperty(
"inset-inline-start",`${100*(o%n)/n}%`),
e.style.width=`${100/n}%`,e.style.height=
`${100/t}%`}var C=class e{constructor(t,n){this.file=
t,this.pixels=n,this.bytes=Uint8Array.from(
atob(t.maps),o=>o.charCodeAt(0)),this.nPlaces=
t.grid[0]*t.grid[1]}static async of(t){return new e(
t,await _(t.image))}weights(t,n){let{heads:o,
noise:r,tokens:s}=this.file,i=s.length*this.
nPlaces,a=new Float64Array(i),c=t?[o.indexOf(
t)]:o.map((p,b)=>b),l=n<0?r.map((p,b)=>b):
[n];for(let p of c)for(let b of l){let x=(p*
r.length+b)*i;for(let m=0;m<i;m++)a[m]+=
this.bytes[x+m]}let h=255*c.length*l.length;
return a.map(p=>p/h)}paint(t,n){K(t,this.
pixels,this.file.grid,n)}};var J={ArrowUp:[-1,0],ArrowDown:[1,0],ArrowLeft:[
0,-1],ArrowRight:[0,1]},L=class{#n={word:-1,
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
this.#d()}),k.onChange(()=>{this.#a()}),
U(()=>this.#r());for(let t of[this.words,
this.list])this.#p(t);this.#m(),await this.#a()}#a(){
let{picture:t,head:n,step:o,word:r}=k.read();
for(let[s,i]of[["picture",t||this.first],
["head",n]]){let a=w(this.form,s);a.value=
i,a.value||(a.value=s==="picture"?this.first:
"")}return this.#t={word:r,cell:-1},this.#l(
o+1)}#d(){let t=Number(w(this.form,"step").
value);return this.#c(t),this.#l(t)}#c(t){
let[n,o]=["picture","head"].map(s=>w(this.
form,s).value),r={picture:n===this.first?
"":n,head:o,step:t-1,word:this.#t.word};
k.write(r)}async#l(t){let n=w(this.form,
"picture").value,o=await W(`${this.form.
dataset.slug} ${n}`,`data/${n}.js`),r=this.#e,
s=r&&r.file===o?r:await C.of(o);if(n!==w(
this.form,"picture").value)return;s!==r&&
this.#h(s);let i=w(this.form,"step");i.max=
String(o.noise.length),i.value=String(Math.
min(t,o.noise.length));let a=Number(i.value)-
1,c=a<0?`mean of ${o.noise.length}`:`${a+
1} of ${o.noise.length}, noise ${A(o.noise[a])}`;
f("[data-step]",this.form).textContent=c,
i.setAttribute("aria-valuetext",c);let l=w(
this.form,"head").value;this.#i=s.weights(
l,a);for(let h of document.querySelectorAll(
".picture-heads tr[data-head]"))h.classList.
toggle("chosen",h.getAttribute("data-hea\
d")===l);this.#u(),this.#r(),this.canvas.
dataset.shown=`${n} ${l} ${a}`}#h(t){this.#e=
t;let{tokens:n}=t.file;this.#n={word:-1,
cell:-1},this.#t.word>=n.length&&(this.#t.
word=-1),this.words.replaceChildren(...n.
flatMap((o,r)=>[Y(o,r)," "])),this.list.
replaceChildren(...n.map((o,r)=>{let s=u(
"li"),i=Y("",r),a=u("canvas");a.setAttribute(
"aria-hidden","true");let c=u("span"),l=u(
"bdi",o,"token");return l.translate=!1,c.
append(l," ",u("span","","soft")),i.append(
a,c),s.append(i),s}))}#u(){let t=this.#e;
this.list.querySelectorAll("li").forEach(
(n,o)=>{let r=this.#s(o);t.paint(f("canv\
as",n),r),f(".soft",n).textContent=A(Math.
max(...r))})}#s(t){let{nPlaces:n}=this.#e;
return this.#i.subarray(t*n,(t+1)*n)}#r(){
let t=this.#e;if(!t)return;let n=this.#n.
word>=0||this.#n.cell>=0,{word:o,cell:r}=n?
this.#n:this.#t;t.paint(this.canvas,o<0?
null:this.#s(o)),G(this.spot,t.file.grid,
r);let s=t.file.tokens.map((i,a)=>r<0?null:
this.#s(a)[r]);for(let i of[this.words,this.
list])i.querySelectorAll("button").forEach(
(a,c)=>{if(a.setAttribute("aria-pressed",
String(c===this.#t.word)),a.classList.toggle(
"pointed-word",c===o),i!==this.words)return;
let l=s[c]===null?null:q(s[c],!0);a.style.
background=l?.background??"",a.style.color=
l?.color??""});this.readout.textContent=
this.#f(o,r,s)}#f(t,n,o){let{tokens:r,grid:s}=this.#e.
file;if(n>=0){let i=`row ${Math.floor(n/
s[1])+1}, column ${n%s[1]+1}`,a=r.map((c,l)=>({
token:c,weight:o[l]??0})).sort((c,l)=>l.
weight-c.weight);return`From ${i}: ${a.slice(
0,4).map(({token:c,weight:l})=>`${c} ${A(
l)}`).join(", ")}`}if(t>=0){let i=this.#s(
t),a=i.reduce((c,l)=>c+l,0)/i.length;return`${r[t]}\
: ${A(a)} of the attention of all places\
, ${A(Math.max(...i))} at most`}return"P\
oint at a word or at a place of the pict\
ure."}#p(t){let n=({target:r})=>{let s=r instanceof
Element?r.closest("button"):null;return s?
Number(s.dataset.word):-1},o=r=>this.#o(
{word:n(r),cell:-1});t.addEventListener(
"pointerover",o),t.addEventListener("foc\
usin",o),t.addEventListener("pointerleav\
e",()=>this.#o({word:-1,cell:-1})),t.addEventListener(
"focusout",()=>this.#o({word:-1,cell:-1})),
t.addEventListener("click",r=>{let s=n(r);
s<0||(this.#t={word:s===this.#t.word?-1:
s,cell:-1},this.#t.word<0&&(this.#n={word:-1,
cell:-1}),this.#c(Number(w(this.form,"st\
ep").value)),this.#r())})}#m(){let t=o=>{
let[r,s]=this.#e?.file.grid??[1,1];return $(
Math.floor(o.offsetY/this.canvas.clientHeight*
r),r)*s+$(Math.floor(o.offsetX/this.canvas.
clientWidth*s),s)},n=o=>this.#o({word:this.#t.
word,cell:t(o)});this.canvas.addEventListener(
"pointermove",n),this.canvas.addEventListener(
"pointerdown",n),this.canvas.addEventListener(
"pointerleave",()=>this.#o({word:-1,cell:-1})),
this.canvas.addEventListener("click",o=>{
let r=t(o);this.#t.cell=r===this.#t.cell?
-1:r,this.#r()}),this.canvas.addEventListener(
"blur",()=>this.#o({word:-1,cell:-1})),this.
canvas.addEventListener("keydown",o=>this.#w(
o))}#w(t){if(!(this.#e&&t.key in J))return;
t.preventDefault();let[n,o]=J[t.key],[r,
s]=this.#e.file.grid,i=this.#n.cell<0?Math.
floor(r/2)*s+Math.floor(s/2):this.#n.cell,
a=$(Math.floor(i/s)+n,r),c=$(i%s+o,s);this.#o(
{word:this.#t.word,cell:a*s+c})}#o(t){this.#n=
t,this.#r()}};function Y(e,t){let n=u("b\
utton");if(n.type="button",n.dataset.word=
String(t),e){let o=u("bdi",e,"token");o.
translate=!1,n.append(o)}return n}var ft=new Intl.Collator("en",{numeric:!0,
sensitivity:"base"});function X(){for(let e of S(
HTMLTableElement,"table[data-sortable]")){
let t=S(HTMLTableCellElement,"thead th",
e);t.forEach((n,o)=>{let r=u("button",n.
textContent?.trim());r.type="button",r.addEventListener(
"click",()=>pt(e,t,o)),n.replaceChildren(
r)})}}function pt(e,t,n){let[o]=e.tBodies,
r=Array.from(o.rows),s=t[n].classList.contains(
"n"),i=t[n].getAttribute("aria-sort"),a=i===
null?s:i==="ascending",c=(l,h)=>s?V(l.cells[n])-
V(h.cells[n]):ft.compare(z(l,n),z(h,n));
r.sort((l,h)=>a?c(h,l):c(l,h)),o.append(
...r);for(let l of t)l.removeAttribute("\
aria-sort");t[n].setAttribute("aria-sort",
a?"descending":"ascending")}var z=(e,t)=>e.
cells[t].textContent?.trim()??"",V=e=>Number(
e.dataset.value??e.textContent);I();X();new L().start();})();
