// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function h(t,e={},n=""){let r=document.createElementNS(
"http://www.w3.org/2000/svg",t);for(let[
o,s]of Object.entries(e))r.setAttribute(
o,String(s));return n&&(r.textContent=n),
r}function g(t,e=document){return e.querySelector(
t)}function m(t,e){return t.elements.namedItem(
e)}var I=t=>t.altKey||t.ctrlKey||t.metaKey;function N(){for(let t of document.querySelectorAll(
"[data-needs-script]"))t.removeAttribute(
"hidden")}function $(...t){return{read:e=>t.find(n=>n===
e)??t[0],write:e=>e===t[0]?"":e}}var u={
read:t=>t??"",write:t=>t},A={read:t=>/^\d+$/.
test(t??"")?Number(t):-1,write:t=>t<0?"":
String(t)},W={read:t=>({column:(t||"head").
replace(/^-/,""),down:t?.startsWith("-")??
!1}),write:({column:t,down:e})=>t==="hea\
d"&&!e?"":(e?"-":"")+t},G={read:t=>t?t.split(
","):null,write:t=>t?t.join()||"none":""},
V={read:t=>(t??"").split(",").filter(Boolean).
map(J),write:t=>t.map(({column:e,least:n,
most:r})=>`${e}:${n??""}:${r??""}`).join()};
function J(t){let e=t.split(":"),[n,r]=e.
slice(-2);return{column:e.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:r?Number(
r):void 0}}var p=class{constructor(e){this.
fields=e}read(){let{choices:e}=O(),n=Object.
entries(this.fields).map(([r,o])=>[r,o.read(
e.get(r))]);return Object.fromEntries(n)}format(e,n=""){
let r=new URLSearchParams;for(let[o,s]of Object.
entries(this.fields)){let a=o in e?s.write(
e[o]):"";a&&r.set(o,a)}return[n,String(r).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(e,n="",{step:r=!0}={}){let o=this.
format(e,n);if(location.hash===(o&&`#${o}`))
return;let s=r?history.pushState:history.
replaceState;try{s.call(history,null,"",
o?`#${o}`:location.pathname+location.search)}catch{}}onChange(e,{
anchors:n=!1}={}){addEventListener("hash\
change",()=>{(n||!X())&&e()})}};function O(){
let t=location.hash.slice(1),[e,...n]=t.
split("&"),r=e.includes("=")?"":e;return{
anchor:r,choices:new URLSearchParams(r?n.
join("&"):t)}}function X(){let{anchor:t}=O(),
e=Number(t.match(/^example-(\d+)$/)?.[1]);
return!e||document.getElementById(t)?t:document.
querySelector(`.example[data-example="${e-
1}"]`)?.id??t}var D={view:$("matrix","te\
xt","arcs"),direction:$("to","from"),scale:$(
"linear","root"),sink:$("","show","hide"),
row:A,column:A},mt=new p(D),pt=new p({a:u,
b:u,text:u,...D}),xt=new p({pattern:u,probe:u,
value:$("score","sinkfree"),scale:$("ful\
l","fit"),label:u}),wt=new p({text:u,label:u,
probe:u,from:u,to:u,sort:W,columns:G,range:V,
page:A}),M=new p({x:u,y:u}),yt=new p({by:u,
through:u,from:u,to:u,head:u,least:A}),bt=new p(
{a:u,b:u,pattern:u}),gt=new p({picture:u,
head:u,step:A,word:A});async function z(t){let e=new Uint16Array(
t.length),n=0;for(let s=1;s<t.length;s++){
let a=t.charCodeAt(s);e[n++]=a===57344?t.
charCodeAt(++s)^32768:a}let r=new Uint8Array(
e.buffer,0,2*n-Number(t[0])),o=new Blob(
[r]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function F(t){let e=await z(
t),n=4+new DataView(e.buffer).getUint32(
0,!0),[r,o,s]=JSON.parse(new TextDecoder().
decode(e.subarray(4,n))),a=o*s,i=new Float64Array(
a);for(let c=e.length;c>n;c-=a||c)for(let l=0;l<
a;l++)i[l]=256*i[l]+e[c-a+l];let d=Array.
from({length:s},(c,l)=>Array.from(i.subarray(
l*o,(l+1)*o),Q));return{facts:r,columns:d}}
var Q=t=>t===0?null:t%2?(t-1)/2:-t/2;function B(t,e){return{heads:()=>j(`${t}\
 heads`,`${e}/heads.js`,Z),numbers:n=>j(
`${t} ${n}`,`${e}/${n.split("#")[0]}.js`,
tt),circuits:()=>Y(`${t} circuits`,`${e}\
/circuits.js`)}}var C=new Map;function j(t,e,n){
let r=async()=>{let{facts:s,columns:a}=await F(
await nt(t,e));return n(s,a)},o=C.get(t)??
r();return C.set(t,o),o.catch(()=>C.delete(
t)),o}var Y=(t,e)=>j(t,e,n=>n);function Z(t,e){
return Object.values(t.patterns).forEach(
(n,r)=>{n.score=e[r]}),t}function tt(t,e){
let n=t.against?1:2;return Object.values(
t.probes).forEach((r,o)=>{let[s,a]=e.slice(
o*n,(o+1)*n);r.score=s,r.sinkfree=a?.map(
(i,d)=>i===null?null:i+(s[d]??0))??[]}),
t}var L=new Map,et=t=>new Promise((e,n)=>{
let r=document.createElement("script");r.
src=t,r.onload=()=>e(),r.onerror=()=>n(new Error(
`${t} could not be loaded`)),document.head.
append(r)});async function nt(t,e){if(!(window.
headatlas?.data&&t in window.headatlas.data)){
let n=L.get(e)??et(e);L.set(e,n),await n.
finally(()=>L.delete(e))}return window.headatlas.
data[t]}var T=t=>t.replaceAll("_"," ");function v(t){
return t==null?"–":t.toFixed(Math.abs(
t)<10?3:1)}var R=t=>String(t).replace(/\B(?=(\d{3})+$)/g,
",");function U(t){return t===null?"–":
Math.abs(t)>=9.95?t.toFixed(0):Math.abs(
t)>1?t.toFixed(1):t.toFixed(2).replace("\
1.00","1").replace("-0.00","0.00").replace(
"0.",".")}var y={left:72,top:16,right:24,bottom:64},
H=660,rt=300,ot=6,st=7.5,at=14,it=[1,2,2.5,
5,10];function _(t,e,n,r){let o=(t.parentElement?.
clientWidth||H)-y.left-y.right,s=Math.min(
H,o),a=Math.max(rt,2*s/3),[i,d]=[y.left,
y.top];t.setAttribute("viewBox",`${-i} ${-d}\
 ${i+s+y.right} ${d+a+y.bottom}`);let c=P(
e.map(f=>f.x),f=>s*f),l=P(e.map(f=>f.y),
f=>a*(1-f)),w=[...e].sort((f,E)=>f.x-E.x||
f.y-E.y).map(f=>lt(f,c.at(f.x),l.at(f.y),
n,r)),x=dt(e,c,l).map(({name:f,x:E,y:K})=>({
name:f,x:c.at(E),y:l.at(K)})),k=ut(x,s);
t.replaceChildren(...ct(n,r,c,l,s,a),...w,
...k),ft(w)}function P(t,e){let[n,r]=[Math.
min(...t,0),Math.max(...t,0)],o=r-n||1,s=o/
5,a=10**Math.floor(Math.log10(s)),i=a*it.
find(x=>x*a>=s*.999),[d,c]=[Math.floor(n/
i+1e-9),Math.ceil((n+o)/i-1e-9)],l=Array.
from({length:c-d+1},(x,k)=>Number(((d+k)*
i).toPrecision(6))),[b,w]=[l[0],l[l.length-
1]];return{least:b,most:w,ticks:l,at:x=>e(
(x-b)/(w-b))}}function ct(t,e,n,r,o,s){let a={
class:"marked"};return[h("path",{class:"\
frame",d:`M0 0V${s}H${o}`}),...n.ticks.map(
i=>h("text",{x:n.at(i),y:s+18},String(i))),
...r.ticks.map(i=>h("text",{class:"y",x:-8,
y:r.at(i)},String(i))),h("path",{...a,d:`\
M${n.at(t.marked??0)} 0V${s}`}),h("path",
{...a,d:`M0 ${r.at(e.marked??0)}H${o}`}),
h("text",{class:"title",x:o/2,y:s+42},`${t.
title} (${t.unit})`),h("text",{class:"ti\
tle",transform:`translate(-56 ${s/2}) ro\
tate(-90)`},`${e.title} (${e.unit})`)]}function lt(t,e,n,r,o){
let s=h("a",{href:`heads/${t.name}.html`,
class:t.hue,"data-head":t.name,tabindex:-1,
"aria-label":`${t.name}: ${r.title} ${v(
t.x)}, ${o.title} ${v(t.y)}; ${t.called}`});
return s.append(h("circle",{cx:e.toFixed(
1),cy:n.toFixed(1),r:4.5})),s}function dt(t,e,n){
if(!t.length)return[];let r=i=>i.sort((d,c)=>d-
c)[i.length>>1],[o,s]=[r(t.map(i=>i.x)),
r(t.map(i=>i.y))],a=i=>Math.hypot((i.x-o)/
(e.most-e.least),(i.y-s)/(n.most-n.least));
return[...t].sort((i,d)=>a(d)-a(i)).slice(
0,ot)}function ut(t,e){let n=[];return t.
flatMap(({name:r,x:o,y:s})=>{let a=st*r.
length,d=[-4,13].flatMap(c=>[{left:o+8,right:o+
8+a,y:s+c,at:{class:"name",x:o+8,y:s+c}},
{left:o-8-a,right:o-8,y:s+c,at:{class:"n\
ame left",x:o-8,y:s+c}}]).find(c=>c.left>=
0&&c.right<=e+y.right&&n.every(l=>c.left>
l.right||l.left>c.right||Math.abs(c.y-l.
y)>at));return d&&n.push(d),d?[h("text",
d.at,r)]:[]})}function ft(t){let e=t;e.at(
-1)?.setAttribute("tabindex","0");let n={
ArrowRight:r=>r+1,ArrowUp:r=>r+1,ArrowLeft:r=>r-
1,ArrowDown:r=>r-1,Home:()=>0,End:()=>e.
length-1};for(let[r,o]of e.entries())o.addEventListener(
"keydown",s=>{let a=I(s)?void 0:e[n[s.key]?.(
r)];a&&(s.preventDefault(),o.setAttribute(
"tabindex","-1"),a.setAttribute("tabinde\
x","0"),a.focus())})}var S=class{#t=[];constructor(){this.form=
g(".scatter-controls"),this.files=B(String(
this.form.dataset.slug),"data"),this.svg=
g(".scatter svg"),this.readout=g("#scatt\
er-readout"),this.asItCame={x:m(this.form,
"x").value,y:m(this.form,"y").value}}async start(){
g("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",e=>e.preventDefault()),
this.form.addEventListener("input",()=>{
this.#n()}),g("[data-swap]").addEventListener(
"click",()=>{this.#s()}),M.onChange(()=>{
this.#e()}),this.#a(),await this.#e()}#e(){
let e=M.read();for(let n of["x","y"]){let r=m(
this.form,n);r.value=e[n]||this.asItCame[n],
r.value||(r.value=this.asItCame[n])}return this.#r()}#n(){
let[e,n]=["x","y"].map(r=>m(this.form,r).
value);return M.write({x:e,y:n}),this.#r()}#s(){
let[e,n]=[m(this.form,"x"),m(this.form,"\
y")];return[e.value,n.value]=[n.value,e.
value],this.#n()}async#r(){let e=q(this.
form),n=await this.files.heads(),[r,o]=await Promise.
all([this.#o("x"),this.#o("y")]);e===q(this.
form)&&(this.#t=n.heads.flatMap((s,a)=>{
let[i,d]=[r.values[a]??null,o.values[a]??
null];if(i===null||d===null)return[];let c=n.
labels[a][0],l=n.patterns[c?.[0]]?.hue??
"",b=n.labels[a].map(([w,x])=>`${T(w)} ${U(
x)}`).join(" · ");return[{name:s,x:i/1e3,
y:d/1e3,hue:l,called:b||"no label"}]}),_(
this.svg,this.#t,r,o),this.readout.textContent=
`${R(this.#t.length)} heads. Point at on\
e, or go there by keyboard.`,this.svg.dataset.
shown=e)}async#o(e){let n=m(this.form,e),
[r]=n.selectedOptions,{file:o="",probe:s="",
unit:a=""}=r.dataset,i=r.label;if(!o){let{
score:c,chance:l}=(await this.files.heads()).
patterns[n.value];return{title:`${i}, ${T(
s)}`,unit:a,values:c,marked:l}}let{probes:d}=await this.
files.numbers(o);return{title:i,unit:a,values:d[s].
score,marked:0}}#a(){let e=({target:n})=>{
let r=n instanceof Element?n.closest("a"):
null,o=r&&this.#t.find(({name:i})=>i===r.
getAttribute("data-head"));if(!o)return;
let[s,a]=[v(o.x),v(o.y)];this.readout.textContent=
`${o.name}: ${s} across, ${a} up. ${o.called}`};
this.svg.addEventListener("focusin",e),this.
svg.addEventListener("pointerover",e)}},
q=t=>`${m(t,"x").value} ${m(t,"y").value}`;N();new S().start();})();
