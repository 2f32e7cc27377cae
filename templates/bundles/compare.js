// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function $(...e){return{read:t=>e.find(n=>n===
t)??e[0],write:t=>t===e[0]?"":t}}var c={
read:e=>e??"",write:e=>e},y={read:e=>/^\d+$/.
test(e??"")?Number(e):-1,write:e=>e<0?"":
String(e)},V={read:e=>({column:(e||"head").
replace(/^-/,""),down:e?.startsWith("-")??
!1}),write:({column:e,down:t})=>e==="hea\
d"&&!t?"":(t?"-":"")+e},Q={read:e=>e?e.split(
","):null,write:e=>e?e.join()||"none":""},
Y={read:e=>(e??"").split(",").filter(Boolean).
map(Z),write:e=>e.map(({column:t,least:n,
most:o})=>`${t}:${n??""}:${o??""}`).join()};
function Z(e){let t=e.split(":"),[n,o]=t.
slice(-2);return{column:t.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:o?Number(
o):void 0}}var u=class{constructor(t){this.
fields=t}read(){let{choices:t}=D(),n=Object.
entries(this.fields).map(([o,r])=>[o,r.read(
t.get(o))]);return Object.fromEntries(n)}format(t,n=""){
let o=new URLSearchParams;for(let[r,s]of Object.
entries(this.fields)){let a=r in t?s.write(
t[r]):"";a&&o.set(r,a)}return[n,String(o).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(t,n="",{step:o=!0}={}){let r=this.
format(t,n);if(location.hash===(r&&`#${r}`))
return;let s=o?history.pushState:history.
replaceState;try{s.call(history,null,"",
r?`#${r}`:location.pathname+location.search)}catch{}}onChange(t,{
anchors:n=!1}={}){addEventListener("hash\
change",()=>{(n||!tt())&&t()})}};function D(){
let e=location.hash.slice(1),[t,...n]=e.
split("&"),o=t.includes("=")?"":t;return{
anchor:o,choices:new URLSearchParams(o?n.
join("&"):e)}}function tt(){let{anchor:e}=D(),
t=Number(e.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(e)?e:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??e}var F={view:$("matrix","te\
xt","arcs"),direction:$("to","from"),scale:$(
"linear","root"),sink:$("","show","hide"),
row:y,column:y},wt=new u(F),bt=new u({a:c,
b:c,text:c,...F}),xt=new u({pattern:c,probe:c,
value:$("score","sinkfree"),scale:$("ful\
l","fit"),label:c}),$t=new u({text:c,label:c,
probe:c,from:c,to:c,sort:V,columns:Q,range:Y,
page:y}),yt=new u({x:c,y:c}),Mt=new u({by:c,
through:c,from:c,to:c,head:c,least:y}),E=new u(
{a:c,b:c,pattern:c}),At=new u({picture:c,
head:c,step:y,word:y});function p(e,t="",n=""){let o=document.createElement(
e);return o.textContent=t,n&&(o.className=
n),o}function P(e,{read:t=!1}={}){return e.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function M(e,t){
let n=p("a",e);return n.href=t,n}var C=e=>`${e}px`;function x(e,t=document){return t.querySelector(
e)}function T(e,t){return e.elements.namedItem(
t)}function B(e){return JSON.parse(document.
getElementById(e)?.textContent??"null")}
function I(){for(let e of document.querySelectorAll(
"[data-needs-script]"))e.removeAttribute(
"hidden")}function H(e,t){return{heads:()=>j(`${e}\
 heads`,`${t}/heads.js`),numbers:n=>j(`${e}\
 ${n}`,`${t}/${n.split("#")[0]}.js`),circuits:()=>j(
`${e} circuits`,`${t}/circuits.js`)}}var L=new Map,
et=e=>new Promise((t,n)=>{let o=document.
createElement("script");o.src=e,o.onload=
()=>t(),o.onerror=()=>n(new Error(`${e} \
could not be loaded`)),document.head.append(
o)});async function j(e,t){if(!(window.headatlas?.
data&&e in window.headatlas.data)){let n=L.
get(t)??et(t);L.set(t,n),await n.finally(
()=>L.delete(t))}return window.headatlas.
data[e]}var b=e=>e.replaceAll("_"," ");function w(e){
return e==null?"–":e.toFixed(Math.abs(
e)<10?3:1)}var nt=18,ot=2,rt=420,st=560;function S(e){
return(e?.score??[]).filter(t=>t!==null).
map(t=>t/1e3)}var O=e=>e.length?Math.max(
...e):null,N=class{constructor(t,n,o){this.
model=t,this.pattern=n,this.scores=t.data.
patterns[n],this.grid=at(t.data.layers),
this.cell=it(this.grid),this.canvas=this.#e(),
this.#o(o),this.readout=p("p","","readou\
t"),this.root=this.#t(),this.#s()}#t(){let{
slug:t,data:n}=this.model,o=p("figcaptio\
n");o.append(M(n.model,`${t}/index.html#\
pattern=${this.pattern}`));let r=p("figu\
re");return r.append(o,this.canvas,this.
readout),r}#e(){let t=p("canvas","",`pix\
els compare-mosaic ${this.scores?.hue??""}`);
return[t.width,t.height]=[_(this.grid),this.
grid.length],[t.style.width,t.style.height]=
[C(t.width*this.cell),C(t.height*this.cell)],
t.setAttribute("role","img"),t.setAttribute(
"aria-label",this.#n()),t}#n(){let{model:t}=this.
model.data;return this.scores?`${b(this.
pattern)} in ${t}: highest ${w(O(S(this.
scores)))}`:`${t} was not measured on ${b(
this.pattern)}`}#o(t){let n=P(this.canvas),
o=U(this.canvas),r=this.scores?.against?
U(this.canvas,this.scores.against):"";n.
fillStyle=o,this.grid.forEach((s,a)=>{s.
forEach((i,l)=>{let f=this.scores?.score[i]??
null,m=f===null?0:f/1e3/t;r&&(n.fillStyle=
m<0?r:o),n.globalAlpha=Math.min(Math.max(
r?Math.abs(m):m,0),1),n.fillRect(l,a,1,1)})})}#s(){
let{data:t,slug:n}=this.model;this.canvas.
addEventListener("pointermove",o=>{let r=this.#r(
o),s=r===void 0?void 0:this.scores?.score[r],
a=s==null?null:s/1e3;this.readout.textContent=
r===void 0?"":`${t.heads[r]} ${w(a)}`}),
this.canvas.addEventListener("click",o=>{
let r=this.#r(o);r!==void 0&&(location.href=
`${n}/heads/${t.heads[r]}.html`)})}#r({offsetX:t,
offsetY:n}){return this.grid[Math.floor(
n/this.cell)]?.[Math.floor(t/this.cell)]}};
function at(e){let t=0;return e.map(([,n])=>Array.
from({length:n},()=>t++))}var _=e=>Math.
max(...e.map(t=>t.length),1);function it(e){
let t=Math.min(Math.floor(rt/_(e)),Math.
floor(st/e.length));return Math.max(ot,Math.
min(nt,t))}function U(e,t=""){let n=e.className;
t&&(e.className=t),document.body.append(
e);let o=getComputedStyle(e).getPropertyValue(
"--family");return e.remove(),e.className=
n,o}var ct=/^[-–+\d.]+$/;function R(e){let t=p(
"tr");return t.append(...e.map((n,o)=>{let r=q(
n,"col");return typeof n=="string"&&o>0&&
(r.className="n"),r})),t}function A([e,...t]){
let n=p("tr");return n.append(q(e,"row"),
...t.map(lt)),n}function q(e,t){let n=p(
"th");return n.scope=t,n.append(e),n}function lt(e){
let t=p("td");return typeof e=="string"&&
ct.test(e)&&(t.className="n"),t.append(e),
t}var W=["a","b","pattern"],dt=15,ht=2,v=class{constructor(){
let t=B("compare-data");this.effects=t.effects,
this.evidence=t.evidence,this.patterns=[
...t.patterns,...t.effects],this.first=t.
first,this.form=x("form.controls");for(let{
name:o}of t.patterns)this.#t("pattern").
append(new Option(b(o),o));if(!this.effects.
length)return;let n=document.createElement(
"optgroup");n.label="evidence",n.append(
...this.effects.map(({name:o,title:r})=>new Option(
r,o))),this.#t("pattern").append(n)}start(){
this.form.addEventListener("submit",t=>t.
preventDefault()),this.form.addEventListener(
"change",()=>{E.write(this.#e()),this.#o()}),
E.onChange(()=>this.#n()),this.#n()}#t(t){
return T(this.form,t)}#e(){let[t,n,o]=W.
map(r=>this.#t(r).value);return{a:t,b:n,
pattern:o}}#n(){let t=E.read(),n={...t,pattern:t.
pattern||this.first};for(let o of W){let r=this.#t(
o);Array.from(r.options).some(a=>a.value===
n[o])&&(r.value=n[o])}this.#o()}async#o(){
let{a:t,b:n,pattern:o}=this.#e(),[r,s]=await Promise.
all([t,n].map(a=>this.#s(a)));this.#r(r,
s,o),x("#compare-heads").replaceChildren(
...mt(r,s,o,this.effects)),x("#compare-p\
atterns").replaceChildren(...this.#a(r,s)),
x("#compare").dataset.ready=""}async#s(t){
let n=H(t,`${t}/data`),o=await n.heads(),
r=this.effects.filter(({name:i})=>i in this.
evidence[t]),a=(await Promise.all(r.map(
({name:i})=>n.numbers(this.evidence[t][i][0])))).
map(({probes:i,hue:l,against:f,unit:m},d)=>{
let[,g]=this.evidence[t][r[d].name],{score:h,
fit:k}=i[g];return[r[d].name,{hue:l,against:f,
unit:m,probe:g,score:h,fit:k,chance:null}]});
return{slug:t,data:{...o,patterns:{...o.
patterns,...Object.fromEntries(a)}}}}#r(t,n,o){
let r=[t,n].map(({data:h})=>h.patterns[o]),
s=r.flatMap(h=>h?.fit??[]),a=s.length?Math.
max(...s):Math.max(1,...r.flatMap(S)),i=[
t,n].map(h=>new N(h,o,a).root);x(".compa\
re-mosaics").replaceChildren(...i);let l=this.
patterns.find(({name:h})=>h===o),f=b(r[0]?.
probe??r[1]?.probe??""),m=`both on one s\
cale from 0 to ${Number(a.toPrecision(3))}`,
d="Layers from top to bottom, heads from\
 left to right.",g=X(l??{name:o,file:""});
x("#compare-caption").replaceChildren(g,
`${l?.title?"":` on ${f}`}, ${m}. ${d} ${l?.
summary??""}`)}#a({data:t},{data:n}){let r=this.
patterns.filter(({name:i})=>t.patterns[i]||
n.patterns[i]).map(i=>{let{name:l,hue:f}=i,
m=[t,n].map(({patterns:h})=>S(h[l])),d=[
...m.map(O),...m.map(pt)],g=A([X(i),...d.
map(w)]);return g.className=f,g}),[s,a]=[
t.model,n.model];return[R(["Pattern",`Hi\
ghest in ${s}`,`in ${a}`,`Mean in ${s}`,
`in ${a}`]),...r]}},X=({name:e,file:t,title:n})=>n?
M(n,"methods.html#evidence"):M(b(e),`pat\
terns/${t}.html`),pt=e=>e.length?e.reduce(
(t,n)=>t+n,0)/e.length:null;function mt(e,t,n,o){
let[r,s]=[e.data,t.data];if(r.heads.join()!==
s.heads.join())return[A([`${gt(r,s)}: th\
ey cannot be compared head by head.`])];
let[a,i]=[r.patterns[n]?.score,s.patterns[n]?.
score];if(!(a&&i))return[A(["This patter\
n was not measured in both."])];let l=o.
filter(({name:d})=>r.patterns[d]||s.patterns[d]),
f=ut(a,i).map(({i:d,from:g,to:h,change:k})=>{
let z=M(r.heads[d],`${t.slug}/heads/${r.
heads[d]}.html`),G=(k>0?"+":"")+w(k);return A(
[z,w(g),w(h),G,...l.map(({name:J})=>ft(r,
s,J,d)),K(r,d),K(s,d)])}),m=["Head",r.model,
s.model,"Difference",...l.map(({title:d})=>String(
d))];return[R([...m,`Labels in ${r.model}`,
`Labels in ${s.model}`]),...f]}function ft(e,t,n,o){
let r=[e,t].map(({patterns:l})=>l[n]?.score[o]??
null),[s,a]=r.map(l=>w(l===null?null:l/1e3)),
i=p("span",`${s} → ${a}`);return i.className=
"from-to",i}function ut(e,t){let n=e.flatMap(
(o,r)=>{let[s,a]=[o,t[r]].map(i=>i===null?
Number.NaN:i/1e3);return Number.isNaN(s+
a)?[]:[{i:r,from:s,to:a,change:a-s}]});return n.
sort((o,r)=>Math.abs(r.change)-Math.abs(
o.change)||o.i-r.i),n.slice(0,dt)}function gt(e,t){
return`${`${e.model} has ${e.heads.length}\
 heads in ${e.layers.length} layers`}, ${t.
model} ${t.heads.length} in ${t.layers.length}`}
function K(e,t){return e.labels[t].slice(
0,ht).map(([o])=>b(o)).join(", ")||"–"}I();new v().start();})();
