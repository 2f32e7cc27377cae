// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function f(t,e={},n=""){let r=document.createElementNS(
"http://www.w3.org/2000/svg",t);for(let[
o,s]of Object.entries(e))r.setAttribute(
o,String(s));return n&&(r.textContent=n),
r}function b(t,e=document){return e.querySelector(
t)}function m(t,e){return t.elements.namedItem(
e)}var j=t=>t.altKey||t.ctrlKey||t.metaKey;function N(){for(let t of document.querySelectorAll(
"[data-needs-script]"))t.removeAttribute(
"hidden")}function $(...t){return{read:e=>t.find(n=>n===
e)??t[0],write:e=>e===t[0]?"":e}}var c={
read:t=>t??"",write:t=>t},g={read:t=>/^\d+$/.
test(t??"")?Number(t):-1,write:t=>t<0?"":
String(t)},H={read:t=>({column:(t||"head").
replace(/^-/,""),down:t?.startsWith("-")??
!1}),write:({column:t,down:e})=>t==="hea\
d"&&!e?"":(e?"-":"")+t},q={read:t=>t?t.split(
","):null,write:t=>t?t.join()||"none":""},
K={read:t=>(t??"").split(",").filter(Boolean).
map(W),write:t=>t.map(({column:e,least:n,
most:r})=>`${e}:${n??""}:${r??""}`).join()};
function W(t){let e=t.split(":"),[n,r]=e.
slice(-2);return{column:e.slice(0,-2).join(
":"),least:n?Number(n):void 0,most:r?Number(
r):void 0}}var p=class{constructor(e){this.
fields=e}read(){let{choices:e}=D(),n=Object.
entries(this.fields).map(([r,o])=>[r,o.read(
e.get(r))]);return Object.fromEntries(n)}format(e,n=""){
let r=new URLSearchParams;for(let[o,s]of Object.
entries(this.fields)){let i=o in e?s.write(
e[o]):"";i&&r.set(o,i)}return[n,String(r).
replaceAll("%2F","/")].filter(Boolean).join(
"&")}write(e,n="",{step:r=!0}={}){let o=this.
format(e,n);if(location.hash===(o&&`#${o}`))
return;let s=r?history.pushState:history.
replaceState;try{s.call(history,null,"",
o?`#${o}`:location.pathname+location.search)}catch{}}onChange(e,{
anchors:n=!1}={}){addEventListener("hash\
change",()=>{(n||!_())&&e()})}};function D(){
let t=location.hash.slice(1),[e,...n]=t.
split("&"),r=e.includes("=")?"":e;return{
anchor:r,choices:new URLSearchParams(r?n.
join("&"):t)}}function _(){let{anchor:t}=D(),
e=Number(t.match(/^example-(\d+)$/)?.[1]);
return!e||document.getElementById(t)?t:document.
querySelector(`.example[data-example="${e-
1}"]`)?.id??t}var F={view:$("matrix","te\
xt","arcs"),direction:$("to","from"),scale:$(
"linear","root"),sink:$("","show","hide"),
row:g,column:g},nt=new p(F),rt=new p({a:c,
b:c,text:c,...F}),ot=new p({pattern:c,probe:c,
value:$("score","sinkfree"),scale:$("ful\
l","fit"),label:c}),st=new p({text:c,label:c,
probe:c,from:c,to:c,sort:H,columns:q,range:K,
page:g}),k=new p({x:c,y:c}),at=new p({by:c,
through:c,from:c,to:c,head:c,least:g}),it=new p(
{a:c,b:c,pattern:c}),ct=new p({picture:c,
head:c,step:g,word:g});function I(t,e){return{heads:()=>S(`${t}\
 heads`,`${e}/heads.js`),numbers:n=>S(`${t}\
 ${n}`,`${e}/${n.split("#")[0]}.js`),circuits:()=>S(
`${t} circuits`,`${e}/circuits.js`)}}var E=new Map,
G=t=>new Promise((e,n)=>{let r=document.
createElement("script");r.src=t,r.onload=
()=>e(),r.onerror=()=>n(new Error(`${t} \
could not be loaded`)),document.head.append(
r)});async function S(t,e){if(!(window.headatlas?.
data&&t in window.headatlas.data)){let n=E.
get(e)??G(e);E.set(e,n),await n.finally(
()=>E.delete(e))}return window.headatlas.
data[t]}var C=t=>t.replaceAll("_"," ");function v(t){
return t==null?"–":t.toFixed(Math.abs(
t)<10?3:1)}var O=t=>String(t).replace(/\B(?=(\d{3})+$)/g,
",");function R(t){return t===null?"–":
Math.abs(t)>=9.95?t.toFixed(0):Math.abs(
t)>1?t.toFixed(1):t.toFixed(2).replace("\
1.00","1").replace("-0.00","0.00").replace(
"0.",".")}var A={left:72,top:16,right:24,bottom:64},
B=660,V=300,J=6,X=[1,2,2.5,5,10];function T(t,e,n,r){
let o=(t.parentElement?.clientWidth||B)-
A.left-A.right,s=Math.min(B,o),i=Math.max(
V,2*s/3),[a,d]=[A.left,A.top];t.setAttribute(
"viewBox",`${-a} ${-d} ${a+s+A.right} ${d+
i+A.bottom}`);let h=P(e.map(l=>l.x),l=>s*
l),u=P(e.map(l=>l.y),l=>i*(1-l)),w=[...e].
sort((l,L)=>l.x-L.x||l.y-L.y).map(l=>Q(l,
h.at(l.x),u.at(l.y),n,r)),x=Y(e,h,u).map(
l=>Z(l,h.at(l.x),u.at(l.y),s));t.replaceChildren(
...z(n,r,h,u,s,i),...w,...x),tt(w)}function P(t,e){
let[n,r]=[Math.min(...t,0),Math.max(...t,
0)],o=r-n||1,s=o/5,i=10**Math.floor(Math.
log10(s)),a=i*X.find(x=>x*i>=s*.999),[d,
h]=[Math.floor(n/a+1e-9),Math.ceil((n+o)/
a-1e-9)],u=Array.from({length:h-d+1},(x,l)=>Number(
((d+l)*a).toPrecision(6))),[y,w]=[u[0],u[u.
length-1]];return{least:y,most:w,ticks:u,
at:x=>e((x-y)/(w-y))}}function z(t,e,n,r,o,s){
let i={class:"marked"};return[f("path",{
class:"frame",d:`M0 0V${s}H${o}`}),...n.
ticks.map(a=>f("text",{x:n.at(a),y:s+18},
String(a))),...r.ticks.map(a=>f("text",{
class:"y",x:-8,y:r.at(a)},String(a))),f(
"path",{...i,d:`M${n.at(t.marked??0)} 0V${s}`}),
f("path",{...i,d:`M0 ${r.at(e.marked??0)}\
H${o}`}),f("text",{class:"title",x:o/2,y:s+
42},`${t.title} (${t.unit})`),f("text",{
class:"title",transform:`translate(-56 ${s/
2}) rotate(-90)`},`${e.title} (${e.unit}\
)`)]}function Q(t,e,n,r,o){let s=f("a",{
href:`heads/${t.name}.html`,class:t.hue,
"data-head":t.name,tabindex:-1,"aria-lab\
el":`${t.name}: ${r.title} ${v(t.x)}, ${o.
title} ${v(t.y)}; ${t.called}`});return s.
append(f("circle",{cx:e.toFixed(1),cy:n.
toFixed(1),r:4.5})),s}function Y(t,e,n){
if(!t.length)return[];let r=a=>a.sort((d,h)=>d-
h)[a.length>>1],[o,s]=[r(t.map(a=>a.x)),
r(t.map(a=>a.y))],i=a=>Math.hypot((a.x-o)/
(e.most-e.least),(a.y-s)/(n.most-n.least));
return[...t].sort((a,d)=>i(d)-i(a)).slice(
0,J)}function Z({name:t},e,n,r){let o=e>
r-60;return f("text",{class:o?"name left":
"name",x:e+(o?-8:8),y:n-4},t)}function tt(t){
let e=t;e.at(-1)?.setAttribute("tabindex",
"0");let n={ArrowRight:r=>r+1,ArrowUp:r=>r+
1,ArrowLeft:r=>r-1,ArrowDown:r=>r-1,Home:()=>0,
End:()=>e.length-1};for(let[r,o]of e.entries())
o.addEventListener("keydown",s=>{let i=j(
s)?void 0:e[n[s.key]?.(r)];i&&(s.preventDefault(),
o.setAttribute("tabindex","-1"),i.setAttribute(
"tabindex","0"),i.focus())})}var M=class{#t=[];constructor(){this.form=
b(".scatter-controls"),this.files=I(String(
this.form.dataset.slug),"data"),this.svg=
b(".scatter svg"),this.readout=b("#scatt\
er-readout"),this.asItCame={x:m(this.form,
"x").value,y:m(this.form,"y").value}}async start(){
b("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",e=>e.preventDefault()),
this.form.addEventListener("input",()=>{
this.#n()}),b("[data-swap]").addEventListener(
"click",()=>{this.#s()}),k.onChange(()=>{
this.#e()}),this.#a(),await this.#e()}#e(){
let e=k.read();for(let n of["x","y"]){let r=m(
this.form,n);r.value=e[n]||this.asItCame[n],
r.value||(r.value=this.asItCame[n])}return this.#r()}#n(){
let[e,n]=["x","y"].map(r=>m(this.form,r).
value);return k.write({x:e,y:n}),this.#r()}#s(){
let[e,n]=[m(this.form,"x"),m(this.form,"\
y")];return[e.value,n.value]=[n.value,e.
value],this.#n()}async#r(){let e=U(this.
form),n=await this.files.heads(),[r,o]=await Promise.
all([this.#o("x"),this.#o("y")]);e===U(this.
form)&&(this.#t=n.heads.flatMap((s,i)=>{
let[a,d]=[r.values[i]??null,o.values[i]??
null];if(a===null||d===null)return[];let h=n.
labels[i][0],u=n.patterns[h?.[0]]?.hue??
"",y=n.labels[i].map(([w,x])=>`${C(w)} ${R(
x)}`).join(" · ");return[{name:s,x:a/1e3,
y:d/1e3,hue:u,called:y||"no label"}]}),T(
this.svg,this.#t,r,o),this.readout.textContent=
`${O(this.#t.length)} heads. Point at on\
e, or go there by keyboard.`,this.svg.dataset.
shown=e)}async#o(e){let n=m(this.form,e),
[r]=n.selectedOptions,{file:o="",probe:s="",
unit:i=""}=r.dataset,a=r.textContent??"";
if(!o){let{score:h,chance:u}=(await this.
files.heads()).patterns[n.value];return{
title:`${a}, ${C(s)}`,unit:i,values:h,marked:u}}
let{probes:d}=await this.files.numbers(o);
return{title:a,unit:i,values:d[s].score,
marked:0}}#a(){let e=({target:n})=>{let r=n instanceof
Element?n.closest("a"):null,o=r&&this.#t.
find(({name:a})=>a===r.getAttribute("dat\
a-head"));if(!o)return;let[s,i]=[v(o.x),
v(o.y)];this.readout.textContent=`${o.name}\
: ${s} across, ${i} up. ${o.called}`};this.
svg.addEventListener("focusin",e),this.svg.
addEventListener("pointerover",e)}},U=t=>`${m(
t,"x").value} ${m(t,"y").value}`;N();new M().start();})();
