// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function $(...e){return{read:t=>e.find(n=>n===
t)??e[0],write:t=>t===e[0]?"":t}}var c={
read:e=>e??"",write:e=>e},y={read:e=>/^\d+$/.
test(e??"")?Number(e):-1,write:e=>e<0?"":
String(e)},Y={read:e=>({column:(e||"head").
replace(/^-/,""),down:e?.startsWith("-")??
!1}),write:({column:e,down:t})=>e==="hea\
d"&&!t?"":(t?"-":"")+e},Z={read:e=>e?e.split(
","):null,write:e=>e?e.join()||"none":""},
tt={read:e=>(e??"").split(",").filter(Boolean).
map(et),write:e=>e.map(({column:t,least:n,
most:r})=>`${t}:${n??""}:${r??""}`).join()};
function et(e){let t=e.split(":"),[n,r]=t.
slice(-2);return{column:t.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:r?Number(
r):void 0}}var u=class{constructor(t){this.
fields=t}read(){let{choices:t}=D(),n=Object.
entries(this.fields).map(([r,o])=>[r,o.read(
t.get(r))]);return Object.fromEntries(n)}format(t,n=""){
let r=new URLSearchParams;for(let[o,s]of Object.
entries(this.fields)){let a=o in t?s.write(
t[o]):"";a&&r.set(o,a)}return[n,String(r).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(t,n="",{step:r=!0}={}){let o=this.
format(t,n);if(location.hash===(o&&`#${o}`))
return;let s=r?history.pushState:history.
replaceState;try{s.call(history,null,"",
o?`#${o}`:location.pathname+location.search)}catch{}}onChange(t,{
anchors:n=!1}={}){addEventListener("hash\
change",()=>{(n||!nt())&&t()})}};function D(){
let e=location.hash.slice(1),[t,...n]=e.
split("&"),r=t.includes("=")?"":t;return{
anchor:r,choices:new URLSearchParams(r?n.
join("&"):e)}}function nt(){let{anchor:e}=D(),
t=Number(e.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(e)?e:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??e}var B={view:$("matrix","te\
xt","arcs"),direction:$("to","from"),scale:$(
"linear","root"),sink:$("","show","hide"),
row:y,column:y},St=new u(B),Ct=new u({a:c,
b:c,text:c,...B}),Nt=new u({pattern:c,probe:c,
value:$("score","sinkfree"),scale:$("ful\
l","fit"),label:c}),vt=new u({text:c,label:c,
probe:c,from:c,to:c,sort:Y,columns:Z,range:tt,
page:y}),kt=new u({x:c,y:c}),Lt=new u({by:c,
through:c,from:c,to:c,head:c,least:y}),S=new u(
{a:c,b:c,pattern:c}),jt=new u({picture:c,
head:c,step:y,word:y});function f(e,t="",n=""){let r=document.createElement(
e);return r.textContent=t,n&&(r.className=
n),r}function F(e,{read:t=!1}={}){return e.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function A(e,t){
let n=f("a",e);return n.href=t,n}var k=e=>`${e}px`;function x(e,t=document){return t.querySelector(
e)}function I(e,t){return e.elements.namedItem(
t)}function P(e){return JSON.parse(document.
getElementById(e)?.textContent??"null")}
function H(){for(let e of document.querySelectorAll(
"[data-needs-script]"))e.removeAttribute(
"hidden")}async function rt(e){let t=new Uint16Array(
e.length),n=0;for(let s=1;s<e.length;s++){
let a=e.charCodeAt(s);t[n++]=a===57344?e.
charCodeAt(++s)^32768:a}let r=new Uint8Array(
t.buffer,0,2*n-Number(e[0])),o=new Blob(
[r]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function U(e){let t=await rt(
e),n=4+new DataView(t.buffer).getUint32(
0,!0),[r,o,s]=JSON.parse(new TextDecoder().
decode(t.subarray(4,n))),a=o*s,i=new Float64Array(
a);for(let p=t.length;p>n;p-=a||p)for(let d=0;d<
a;d++)i[d]=256*i[d]+t[p-a+d];let l=Array.
from({length:s},(p,d)=>Array.from(i.subarray(
d*o,(d+1)*o),ot));return{facts:r,columns:l}}
var ot=e=>e===0?null:e%2?(e-1)/2:-e/2;function _(e,t){return{heads:()=>O(`${e}\
 heads`,`${t}/heads.js`,at),numbers:n=>O(
`${e} ${n}`,`${t}/${n.split("#")[0]}.js`,
it),circuits:()=>st(`${e} circuits`,`${t}\
/circuits.js`)}}var L=new Map;function O(e,t,n){
let r=async()=>{let{facts:s,columns:a}=await U(
await lt(e,t));return n(s,a)},o=L.get(e)??
r();return L.set(e,o),o.catch(()=>L.delete(
e)),o}var st=(e,t)=>O(e,t,n=>n);function at(e,t){
return Object.values(e.patterns).forEach(
(n,r)=>{n.score=t[r]}),e}function it(e,t){
let n=e.against?1:2;return Object.values(
e.probes).forEach((r,o)=>{let[s,a]=t.slice(
o*n,(o+1)*n);r.score=s,r.sinkfree=a?.map(
(i,l)=>i===null?null:i+(s[l]??0))??[]}),
e}var j=new Map,ct=e=>new Promise((t,n)=>{
let r=document.createElement("script");r.
src=e,r.onload=()=>t(),r.onerror=()=>n(new Error(
`${e} could not be loaded`)),document.head.
append(r)});async function lt(e,t){if(!(window.
headatlas?.data&&e in window.headatlas.data)){
let n=j.get(t)??ct(t);j.set(t,n),await n.
finally(()=>j.delete(t))}return window.headatlas.
data[e]}var b=e=>e.replaceAll("_"," ");function g(e){
return e==null?"–":e.toFixed(Math.abs(
e)<10?3:1)}var dt=18,ht=2,pt=420,mt=560;function N(e){
return(e?.score??[]).filter(t=>t!==null).
map(t=>t/1e3)}var T=e=>e.length?Math.max(
...e):null,C=class{constructor(t,n,r){this.
model=t,this.pattern=n,this.scores=t.data.
patterns[n],this.grid=ft(t.data.layers),
this.cell=ut(this.grid),this.canvas=this.#e(),
this.#r(r),this.readout=f("p","","readou\
t"),this.root=this.#t(),this.#s()}#t(){let{
slug:t,data:n}=this.model,r=f("figcaptio\
n");r.append(A(n.model,`${t}/index.html#\
pattern=${this.pattern}`));let o=f("figu\
re");return o.append(r,this.canvas,this.
readout),o}#e(){let t=f("canvas","",`pix\
els compare-mosaic ${this.scores?.hue??""}`);
return[t.width,t.height]=[W(this.grid),this.
grid.length],[t.style.width,t.style.height]=
[k(t.width*this.cell),k(t.height*this.cell)],
t.setAttribute("role","img"),t.setAttribute(
"aria-label",this.#n()),t}#n(){let{model:t}=this.
model.data;return this.scores?`${b(this.
pattern)} in ${t}: highest ${g(T(N(this.
scores)))}`:`${t} was not measured on ${b(
this.pattern)}`}#r(t){let n=F(this.canvas),
r=q(this.canvas),o=this.scores?.against?
q(this.canvas,this.scores.against):"";n.
fillStyle=r,this.grid.forEach((s,a)=>{s.
forEach((i,l)=>{let p=this.scores?.score[i]??
null,d=p===null?0:p/1e3/t;o&&(n.fillStyle=
d<0?o:r),n.globalAlpha=Math.min(Math.max(
o?Math.abs(d):d,0),1),n.fillRect(l,a,1,1)})})}#s(){
let{data:t,slug:n}=this.model;this.canvas.
addEventListener("pointermove",r=>{let o=this.#o(
r),s=o===void 0?void 0:this.scores?.score[o],
a=s==null?null:s/1e3;this.readout.textContent=
o===void 0?"":`${t.heads[o]} ${g(a)}`}),
this.canvas.addEventListener("click",r=>{
let o=this.#o(r);o!==void 0&&(location.href=
`${n}/heads/${t.heads[o]}.html`)})}#o({offsetX:t,
offsetY:n}){return this.grid[Math.floor(
n/this.cell)]?.[Math.floor(t/this.cell)]}};
function ft(e){let t=0;return e.map(([,n])=>Array.
from({length:n},()=>t++))}var W=e=>Math.
max(...e.map(t=>t.length),1);function ut(e){
let t=Math.min(Math.floor(pt/W(e)),Math.
floor(mt/e.length));return Math.max(ht,Math.
min(dt,t))}function q(e,t=""){let n=e.className;
t&&(e.className=t),document.body.append(
e);let r=getComputedStyle(e).getPropertyValue(
"--family");return e.remove(),e.className=
n,r}var wt=/^[-–+\d.]+$/;function R(e){let t=f(
"tr");return t.append(...e.map((n,r)=>{let o=X(
n,"col");return typeof n=="string"&&r>0&&
(o.className="n"),o})),t}function M([e,...t]){
let n=f("tr");return n.append(X(e,"row"),
...t.map(gt)),n}function X(e,t){let n=f(
"th");return n.scope=t,n.append(e),n}function gt(e){
let t=f("td");return typeof e=="string"&&
wt.test(e)&&(t.className="n"),t.append(e),
t}var G=["a","b","pattern"],bt=15,xt=2,v=class{constructor(){
let t=P("compare-data");this.effects=t.effects,
this.evidence=t.evidence,this.patterns=[
...t.patterns,...t.effects],this.first=t.
first,this.form=x("form.controls");for(let{
name:r}of t.patterns)this.#t("pattern").
append(new Option(b(r),r));if(!this.effects.
length)return;let n=document.createElement(
"optgroup");n.label="evidence",n.append(
...this.effects.map(({name:r,title:o})=>new Option(
o,r))),this.#t("pattern").append(n)}start(){
this.form.addEventListener("submit",t=>t.
preventDefault()),this.form.addEventListener(
"change",()=>{S.write(this.#e()),this.#r()}),
S.onChange(()=>this.#n()),this.#n()}#t(t){
return I(this.form,t)}#e(){let[t,n,r]=G.
map(o=>this.#t(o).value);return{a:t,b:n,
pattern:r}}#n(){let t=S.read(),n={...t,pattern:t.
pattern||this.first};for(let r of G){let o=this.#t(
r);Array.from(o.options).some(a=>a.value===
n[r])&&(o.value=n[r])}this.#r()}async#r(){
let{a:t,b:n,pattern:r}=this.#e(),[o,s]=await Promise.
all([t,n].map(a=>this.#s(a)));this.#o(o,
s,r),x("#compare-heads").replaceChildren(
...yt(o,s,r,this.effects)),x("#compare-p\
atterns").replaceChildren(...this.#a(o,s)),
x("#compare").dataset.ready=""}async#s(t){
let n=_(t,`${t}/data`),r=await n.heads(),
o=this.effects.filter(({name:i})=>i in this.
evidence[t]),a=(await Promise.all(o.map(
({name:i})=>n.numbers(this.evidence[t][i][0])))).
map(({probes:i,hue:l,against:p,unit:d},h)=>{
let[,w]=this.evidence[t][o[h].name],{score:m,
fit:E}=i[w];return[o[h].name,{hue:l,against:p,
unit:d,probe:w,score:m,fit:E,chance:null}]});
return{slug:t,data:{...r,patterns:{...r.
patterns,...Object.fromEntries(a)}}}}#o(t,n,r){
let o=[t,n].map(({data:m})=>m.patterns[r]),
s=o.flatMap(m=>m?.fit??[]),a=s.length?Math.
max(...s):Math.max(1,...o.flatMap(N)),i=[
t,n].map(m=>new C(m,r,a).root);x(".compa\
re-mosaics").replaceChildren(...i);let l=this.
patterns.find(({name:m})=>m===r),p=b(o[0]?.
probe??o[1]?.probe??""),d=`both on one s\
cale from 0 to ${Number(a.toPrecision(3))}`,
h="Layers from top to bottom, heads from\
 left to right.",w=K(l??{name:r,file:""});
x("#compare-caption").replaceChildren(w,
`${l?.title?"":` on ${p}`}, ${d}. ${h} ${l?.
summary??""}`)}#a({data:t},{data:n}){let o=this.
patterns.filter(({name:i})=>t.patterns[i]||
n.patterns[i]).map(i=>{let{name:l,hue:p}=i,
d=[t,n].map(({patterns:m})=>N(m[l])),h=[
...d.map(T),...d.map($t)],w=M([K(i),...h.
map(g)]);return w.className=p,w}),[s,a]=[
t.model,n.model];return[R(["Pattern",`Hi\
ghest in ${s}`,`in ${a}`,`Mean in ${s}`,
`in ${a}`]),...o]}},K=({name:e,file:t,title:n})=>n?
A(n,"methods.html#evidence"):A(b(e),`pat\
terns/${t}.html`),$t=e=>e.length?e.reduce(
(t,n)=>t+n,0)/e.length:null;function yt(e,t,n,r){
let[o,s]=[e.data,t.data];if(o.heads.join()!==
s.heads.join())return[M([`${Et(o,s)}: th\
ey cannot be compared head by head.`])];
let[a,i]=[o.patterns[n]?.score,s.patterns[n]?.
score];if(!(a&&i))return[M(["This patter\
n was not measured in both."])];let l=r.
filter(({name:h})=>o.patterns[h]||s.patterns[h]),
p=Mt(a,i).map(({i:h,from:w,to:m,change:E})=>{
let V=A(o.heads[h],`${t.slug}/heads/${o.
heads[h]}.html`),z=(E>0?"+":"")+g(E);return M(
[V,g(w),g(m),z,...l.map(({name:Q})=>At(o,
s,Q,h)),J(o,h),J(s,h)])}),d=["Head",o.model,
s.model,"Difference",...l.map(({title:h})=>String(
h))];return[R([...d,`Labels in ${o.model}`,
`Labels in ${s.model}`]),...p]}function At(e,t,n,r){
let o=[e,t].map(({patterns:l})=>l[n]?.score[r]??
null),[s,a]=o.map(l=>g(l===null?null:l/1e3)),
i=f("span",`${s} → ${a}`);return i.className=
"from-to",i}function Mt(e,t){let n=e.flatMap(
(r,o)=>{let[s,a]=[r,t[o]].map(i=>i===null?
Number.NaN:i/1e3);return Number.isNaN(s+
a)?[]:[{i:o,from:s,to:a,change:a-s}]});return n.
sort((r,o)=>Math.abs(o.change)-Math.abs(
r.change)||r.i-o.i),n.slice(0,bt)}function Et(e,t){
return`${`${e.model} has ${e.heads.length}\
 heads in ${e.layers.length} layers`}, ${t.
model} ${t.heads.length} in ${t.layers.length}`}
function J(e,t){return e.labels[t].slice(
0,xt).map(([r])=>b(r)).join(", ")||"–"}H();new v().start();})();
