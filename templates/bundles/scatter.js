// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function h(t,e={},n=""){let r=document.createElementNS(
"http://www.w3.org/2000/svg",t);for(let[
o,s]of Object.entries(e))r.setAttribute(
o,String(s));return n&&(r.textContent=n),
r}function y(t,e=document){return e.querySelector(
t)}function m(t,e){return t.elements.namedItem(
e)}var j=t=>t.altKey||t.ctrlKey||t.metaKey;function L(){for(let t of document.querySelectorAll(
"[data-needs-script]"))t.removeAttribute(
"hidden")}function g(...t){return{read:e=>t.find(n=>n===
e)??t[0],write:e=>e===t[0]?"":e}}var c={
read:t=>t??"",write:t=>t},$={read:t=>/^\d+$/.
test(t??"")?Number(t):-1,write:t=>t<0?"":
String(t)},K={read:t=>({column:(t||"head").
replace(/^-/,""),down:t?.startsWith("-")??
!1}),write:({column:t,down:e})=>t==="hea\
d"&&!e?"":(e?"-":"")+t},W={read:t=>t?t.split(
","):null,write:t=>t?t.join()||"none":""},
G={read:t=>(t??"").split(",").filter(Boolean).
map(V),write:t=>t.map(({column:e,least:n,
most:r})=>`${e}:${n??""}:${r??""}`).join()};
function V(t){let e=t.split(":"),[n,r]=e.
slice(-2);return{column:e.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:r?Number(
r):void 0}}var p=class{constructor(e){this.
fields=e}read(){let{choices:e}=I(),n=Object.
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
change",()=>{(n||!J())&&e()})}};function I(){
let t=location.hash.slice(1),[e,...n]=t.
split("&"),r=e.includes("=")?"":e;return{
anchor:r,choices:new URLSearchParams(r?n.
join("&"):t)}}function J(){let{anchor:t}=I(),
e=Number(t.match(/^example-(\d+)$/)?.[1]);
return!e||document.getElementById(t)?t:document.
querySelector(`.example[data-example="${e-
1}"]`)?.id??t}var N={view:g("matrix","te\
xt","arcs"),direction:g("to","from"),scale:g(
"linear","root"),sink:g("","show","hide"),
row:$,column:$},lt=new p(N),dt=new p({a:c,
b:c,text:c,...N}),ut=new p({pattern:c,probe:c,
value:g("score","sinkfree"),scale:g("ful\
l","fit"),label:c}),ft=new p({text:c,label:c,
probe:c,from:c,to:c,sort:K,columns:W,range:G,
page:$}),E=new p({x:c,y:c}),ht=new p({by:c,
through:c,from:c,to:c,head:c,least:$}),mt=new p(
{a:c,b:c,pattern:c}),pt=new p({picture:c,
head:c,step:$,word:$});async function X(t){let e=new Uint16Array(
t.length),n=0;for(let s=1;s<t.length;s++){
let a=t.charCodeAt(s);e[n++]=a===57344?t.
charCodeAt(++s)^32768:a}let r=new Uint8Array(
e.buffer,0,2*n-Number(t[0])),o=new Blob(
[r]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function O(t){let e=await X(
t),n=4+new DataView(e.buffer).getUint32(
0,!0),[r,o,s]=JSON.parse(new TextDecoder().
decode(e.subarray(4,n))),a=o*s,i=new Float64Array(
a);for(let f=e.length;f>n;f-=a||f)for(let l=0;l<
a;l++)i[l]=256*i[l]+e[f-a+l];let u=Array.
from({length:s},(f,l)=>Array.from(i.subarray(
l*o,(l+1)*o),z));return{facts:r,columns:u}}
var z=t=>t===0?null:t%2?(t-1)/2:-t/2;function B(t,e){return{heads:()=>D(`${t}\
 heads`,`${e}/heads.js`,Q),numbers:n=>D(
`${t} ${n}`,`${e}/${n.split("#")[0]}.js`,
Y),circuits:()=>F(`${t} circuits`,`${e}/\
circuits.js`)}}var T=new Map;function D(t,e,n){
let r=async()=>{let{facts:s,columns:a}=await O(
await F(t,e));return n(s,a)},o=T.get(t)??
r();return T.set(t,o),o}function Q(t,e){
return Object.values(t.patterns).forEach(
(n,r)=>{n.score=e[r]}),t}function Y(t,e){
let n=t.against?1:2;return Object.values(
t.probes).forEach((r,o)=>{let[s,a]=e.slice(
o*n,(o+1)*n);r.score=s,r.sinkfree=a?.map(
(i,u)=>i===null?null:i+(s[u]??0))??[]}),
t}var M=new Map,Z=t=>new Promise((e,n)=>{
let r=document.createElement("script");r.
src=t,r.onload=()=>e(),r.onerror=()=>n(new Error(
`${t} could not be loaded`)),document.head.
append(r)});async function F(t,e){if(!(window.
headatlas?.data&&t in window.headatlas.data)){
let n=M.get(e)??Z(e);M.set(e,n),await n.
finally(()=>M.delete(e))}return window.headatlas.
data[t]}var k=t=>t.replaceAll("_"," ");function A(t){
return t==null?"–":t.toFixed(Math.abs(
t)<10?3:1)}var U=t=>String(t).replace(/\B(?=(\d{3})+$)/g,
",");function H(t){return t===null?"–":
Math.abs(t)>=9.95?t.toFixed(0):Math.abs(
t)>1?t.toFixed(1):t.toFixed(2).replace("\
1.00","1").replace("-0.00","0.00").replace(
"0.",".")}var v={left:72,top:16,right:24,bottom:64},
R=660,tt=300,et=6,nt=[1,2,2.5,5,10];function _(t,e,n,r){
let o=(t.parentElement?.clientWidth||R)-
v.left-v.right,s=Math.min(R,o),a=Math.max(
tt,2*s/3),[i,u]=[v.left,v.top];t.setAttribute(
"viewBox",`${-i} ${-u} ${i+s+v.right} ${u+
a+v.bottom}`);let f=P(e.map(d=>d.x),d=>s*
d),l=P(e.map(d=>d.y),d=>a*(1-d)),w=[...e].
sort((d,C)=>d.x-C.x||d.y-C.y).map(d=>ot(
d,f.at(d.x),l.at(d.y),n,r)),x=st(e,f,l).
map(d=>at(d,f.at(d.x),l.at(d.y),s));t.replaceChildren(
...rt(n,r,f,l,s,a),...w,...x),it(w)}function P(t,e){
let[n,r]=[Math.min(...t,0),Math.max(...t,
0)],o=r-n||1,s=o/5,a=10**Math.floor(Math.
log10(s)),i=a*nt.find(x=>x*a>=s*.999),[u,
f]=[Math.floor(n/i+1e-9),Math.ceil((n+o)/
i-1e-9)],l=Array.from({length:f-u+1},(x,d)=>Number(
((u+d)*i).toPrecision(6))),[b,w]=[l[0],l[l.
length-1]];return{least:b,most:w,ticks:l,
at:x=>e((x-b)/(w-b))}}function rt(t,e,n,r,o,s){
let a={class:"marked"};return[h("path",{
class:"frame",d:`M0 0V${s}H${o}`}),...n.
ticks.map(i=>h("text",{x:n.at(i),y:s+18},
String(i))),...r.ticks.map(i=>h("text",{
class:"y",x:-8,y:r.at(i)},String(i))),h(
"path",{...a,d:`M${n.at(t.marked??0)} 0V${s}`}),
h("path",{...a,d:`M0 ${r.at(e.marked??0)}\
H${o}`}),h("text",{class:"title",x:o/2,y:s+
42},`${t.title} (${t.unit})`),h("text",{
class:"title",transform:`translate(-56 ${s/
2}) rotate(-90)`},`${e.title} (${e.unit}\
)`)]}function ot(t,e,n,r,o){let s=h("a",
{href:`heads/${t.name}.html`,class:t.hue,
"data-head":t.name,tabindex:-1,"aria-lab\
el":`${t.name}: ${r.title} ${A(t.x)}, ${o.
title} ${A(t.y)}; ${t.called}`});return s.
append(h("circle",{cx:e.toFixed(1),cy:n.
toFixed(1),r:4.5})),s}function st(t,e,n){
if(!t.length)return[];let r=i=>i.sort((u,f)=>u-
f)[i.length>>1],[o,s]=[r(t.map(i=>i.x)),
r(t.map(i=>i.y))],a=i=>Math.hypot((i.x-o)/
(e.most-e.least),(i.y-s)/(n.most-n.least));
return[...t].sort((i,u)=>a(u)-a(i)).slice(
0,et)}function at({name:t},e,n,r){let o=e>
r-60;return h("text",{class:o?"name left":
"name",x:e+(o?-8:8),y:n-4},t)}function it(t){
let e=t;e.at(-1)?.setAttribute("tabindex",
"0");let n={ArrowRight:r=>r+1,ArrowUp:r=>r+
1,ArrowLeft:r=>r-1,ArrowDown:r=>r-1,Home:()=>0,
End:()=>e.length-1};for(let[r,o]of e.entries())
o.addEventListener("keydown",s=>{let a=j(
s)?void 0:e[n[s.key]?.(r)];a&&(s.preventDefault(),
o.setAttribute("tabindex","-1"),a.setAttribute(
"tabindex","0"),a.focus())})}var S=class{#t=[];constructor(){this.form=
y(".scatter-controls"),this.files=B(String(
this.form.dataset.slug),"data"),this.svg=
y(".scatter svg"),this.readout=y("#scatt\
er-readout"),this.asItCame={x:m(this.form,
"x").value,y:m(this.form,"y").value}}async start(){
y("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",e=>e.preventDefault()),
this.form.addEventListener("input",()=>{
this.#n()}),y("[data-swap]").addEventListener(
"click",()=>{this.#s()}),E.onChange(()=>{
this.#e()}),this.#a(),await this.#e()}#e(){
let e=E.read();for(let n of["x","y"]){let r=m(
this.form,n);r.value=e[n]||this.asItCame[n],
r.value||(r.value=this.asItCame[n])}return this.#r()}#n(){
let[e,n]=["x","y"].map(r=>m(this.form,r).
value);return E.write({x:e,y:n}),this.#r()}#s(){
let[e,n]=[m(this.form,"x"),m(this.form,"\
y")];return[e.value,n.value]=[n.value,e.
value],this.#n()}async#r(){let e=q(this.
form),n=await this.files.heads(),[r,o]=await Promise.
all([this.#o("x"),this.#o("y")]);e===q(this.
form)&&(this.#t=n.heads.flatMap((s,a)=>{
let[i,u]=[r.values[a]??null,o.values[a]??
null];if(i===null||u===null)return[];let f=n.
labels[a][0],l=n.patterns[f?.[0]]?.hue??
"",b=n.labels[a].map(([w,x])=>`${k(w)} ${H(
x)}`).join(" · ");return[{name:s,x:i/1e3,
y:u/1e3,hue:l,called:b||"no label"}]}),_(
this.svg,this.#t,r,o),this.readout.textContent=
`${U(this.#t.length)} heads. Point at on\
e, or go there by keyboard.`,this.svg.dataset.
shown=e)}async#o(e){let n=m(this.form,e),
[r]=n.selectedOptions,{file:o="",probe:s="",
unit:a=""}=r.dataset,i=r.label;if(!o){let{
score:f,chance:l}=(await this.files.heads()).
patterns[n.value];return{title:`${i}, ${k(
s)}`,unit:a,values:f,marked:l}}let{probes:u}=await this.
files.numbers(o);return{title:i,unit:a,values:u[s].
score,marked:0}}#a(){let e=({target:n})=>{
let r=n instanceof Element?n.closest("a"):
null,o=r&&this.#t.find(({name:i})=>i===r.
getAttribute("data-head"));if(!o)return;
let[s,a]=[A(o.x),A(o.y)];this.readout.textContent=
`${o.name}: ${s} across, ${a} up. ${o.called}`};
this.svg.addEventListener("focusin",e),this.
svg.addEventListener("pointerover",e)}},
q=t=>`${m(t,"x").value} ${m(t,"y").value}`;L();new S().start();})();
