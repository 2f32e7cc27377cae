// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function m(e,t="",n=""){let s=document.createElement(
e);return s.textContent=t,n&&(s.className=
n),s}function A(e,t=document){return t.querySelector(
e)}function b(e,t,n=document){return Array.
from(n.querySelectorAll(t)).filter(s=>s instanceof
e)}var E=e=>e.altKey||e.ctrlKey||e.metaKey;function H(e,[t,n],s){let o=s.length-1,r={
ArrowUp:[t-1,n],ArrowDown:[t+1,n],ArrowLeft:[
t,n-1],ArrowRight:[t,n+1],Home:[t,0],End:[
t,1/0],PageUp:[0,n],PageDown:[o,n]};if(!Object.
hasOwn(r,e))return;let i=Math.min(Math.max(
r[e][0],0),o);return[i,Math.min(Math.max(
r[e][1],0),s[i]-1)]}function N(e,t,n,s=t[0],o=void 0){
let r=s;for(let a of t)a.tabIndex=a===r?
0:-1;let i=a=>{r&&(r.tabIndex=-1),r=a,r.
tabIndex=0};e.addEventListener("focusin",
({target:a})=>{let c=t.find(l=>l===a);c&&
i(c)},{signal:o}),e.addEventListener("ke\
ydown",a=>{let c=a.target;if(E(a)||!t.includes(
c))return;let l=n(),d=l.findIndex(w=>w.includes(
c)),u=l.map(w=>w.length),h=d<0?void 0:H(
a.key,[d,l[d].indexOf(c)],u),p=h&&l[h[0]][h[1]];
!p||p===c||(a.preventDefault(),p.focus())},
{signal:o})}function L(){for(let e of b(
HTMLElement,"[data-one-stop]")){let t=b(
HTMLAnchorElement,"a",e),n=t.find(o=>o.ariaCurrent),
s=e.dataset.oneStop==="list"?()=>t.map(o=>[
o]):()=>j(t);N(e,t,s,n)}}function j(e){let t=new Map;
for(let s of e){let{top:o,left:r}=s.getBoundingClientRect(),
i=[...t.keys()].find(a=>Math.abs(a-o)<4)??
o;t.set(i,[...t.get(i)??[],[r,s]])}return[
...t].sort(([s],[o])=>s-o).map(([,s])=>s.
sort(([o],[r])=>o-r).map(([,o])=>o))}async function R(e){let t=new Uint16Array(
e.length),n=0;for(let r=1;r<e.length;r++){
let i=e.charCodeAt(r);t[n++]=i===57344?e.
charCodeAt(++r)^32768:i}let s=new Uint8Array(
t.buffer,0,2*n-Number(e[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function k(e){let t=await R(
e),n=4+new DataView(t.buffer).getUint32(
0,!0),[s,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,n))),i=o*r,a=new Float64Array(
i);for(let l=t.length;l>n;l-=i||l)for(let d=0;d<
i;d++)a[d]=256*a[d]+t[l-i+d];let c=Array.
from({length:r},(l,d)=>Array.from(a.subarray(
d*o,(d+1)*o),U));return{facts:s,columns:c}}
var U=e=>e===0?null:e%2?(e-1)/2:-e/2;var $=new Map;function B(e,t,n){let s=async()=>{
let{facts:r,columns:i}=await k(await W(e,
t));return n(r,i)},o=$.get(e)??s();return $.
set(e,o),o.catch(()=>$.delete(e)),o}var M=(e,t)=>B(
e,t,n=>n);var y=new Map,K=e=>new Promise((t,n)=>{let s=document.
createElement("script");s.src=e,s.onload=
()=>t(),s.onerror=()=>n(new Error(`${e} \
could not be loaded`)),document.head.append(
s)});async function W(e,t){if(!(window.headatlas?.
data&&e in window.headatlas.data)){let n=y.
get(t)??K(t);y.set(t,n),await n.finally(
()=>y.delete(t))}return window.headatlas.
data[e]}var _={encoder:"E",decoder:"D",cross:"X",
vision:"V"},q="(?:(encoder|decoder|cross\
|vision)(?:[ -]attention)?\\s+)?",P=[{form:/\b([ledxv])\s?(\d+)\s?[.:,/]?\s?h\s?(\d+)\b/,
parts:[1,2,3]},{form:/\bhead\s(\d+)\s(?:of|in|at)\s(?:the\s)?layer\s(\d+)\b/,
parts:[0,2,1]},{form:new RegExp(`\\b${q}\
layer\\s?(\\d+)\\s?,?\\s?(?:head\\s?(\\d+))?\\b`),
parts:[1,2,3]},{form:/(?:^|[\s(])([ledxv])?(\d+)\s?[.:/,]\s?h?(\d+)(?=[\s)]|$)/,
parts:[1,2,3]},{form:/^()(\d+)\s(\d+)$/,
parts:[1,2,3]},{form:/\b([ledxv])(\d+)\b/,
parts:[1,2,0]}];function v(e){for(let{form:t,
parts:n}of P){let s=e.match(t);if(!s)continue;
let[o,r,i]=n.map(c=>c?s[c]:void 0);return{
spot:{letter:_[o??""]??(o??"").toUpperCase(),
layer:Number(r),head:i===void 0?null:Number(
i)},rest:e.replace(s[0]," ")}}return{spot:null,
rest:e}}function S(e,{letter:t,layer:n}){
return e.filter(([s])=>s.slice(1)===String(
n)&&(!t||s[0]===t))}var C=e=>e.replaceAll("_"," ");var V=new Set("what whats is are a an th\
e does do how of in on for to me show fi\
nd which who why mean means it that with".
split(" ")),O={word:"token",words:"token",
repeat:"duplicate",repeats:"duplicate",copy:"\
duplicate",earlier:"previous"},f={exact:0,
alias:1,start:2,name:3,label:4,aliases:5,
said:6,resembling:7};function I(e,t,n=""){
let s=C(t.toLowerCase()).replace(/[?"“”']/g,
"").trim().replace(/\s+/g," ");if(!s)return[];
let o=[...e.models].sort((u,h)=>+(h.slug===
n)-+(u.slug===n)),{spot:r,rest:i}=v(s),a=r?
o.filter(D(T(i))).flatMap(u=>G(u,r)):[],
c=T(s),l=c.join(" "),d=[...e.entries.flatMap(
u=>X(u,c,l)),...o.flatMap(u=>J(u,c,l)),...o.
flatMap(u=>Y(u,e.entries,c))];return a.length||
d.length?[...a,...d.sort((u,h)=>u.rank-h.
rank)]:z(e.entries,c)}function z(e,t){let n=t.
filter(r=>r.length>2),s=e.map(([r,i,a,c,
l])=>{let[d,u]=[i.toLowerCase(),`${i} ${l}\
 ${c}`.toLowerCase()],h=n.filter(p=>g(u,
p)).length+n.filter(p=>g(d,p)).length;return{
title:i,href:a,what:`${r}: ${c}`,n:h}}),
o=Math.max(...s.map(({n:r})=>r),1);return s.
filter(({n:r})=>r===o)}function T(e){let t=e.
split(/[\s,()]+/).filter(Boolean),n=t.filter(
s=>!V.has(s));return n.length?n:t}var D=e=>({
name:t})=>e.every(n=>t.toLowerCase().includes(
n)),g=(e,t)=>e.includes(t)||t.length>3&&
t.endsWith("s")&&e.includes(t.slice(0,-1))||
Object.hasOwn(O,t)&&e.includes(O[t]);function G({
name:e,slug:t,layers:n},s){return S(n,s).
flatMap(([o,r])=>{if(s.head===null)return[
{title:`${o} of ${e}`,href:`${t}/layers/${o}\
.html`,what:"layer"}];let i=`${o}H${s.head}`;
return s.head<r?[{title:`${i} of ${e}`,href:`${t}\
/heads/${i}.html`,what:"head"}]:[]})}function J({
name:e,slug:t},n,s){let o=e.toLowerCase();
if(!D(n)({name:e,slug:t,layers:[],strongest:[]}))
return[];let r=o===s?f.exact:f.start;return[
{title:e,href:`${t}/index.html`,what:"mo\
del",rank:r}]}function X([e,t,n,s,o],r,i){
let a=Q(t.toLowerCase(),o.toLowerCase(),
s.toLowerCase(),r,i);if(a<0)return[];let c=e===
"name"&&a>f.alias;return[{title:t,href:n,
what:`${e}: ${s}`,rank:c?f.resembling:a}]}
function Q(e,t,n,s,o){let r=o.replace(/ heads?$/,
""),i=a=>s.every(c=>g(a,c));return e===o||
e===r?f.exact:t.split(", ").some(a=>a===
o||a===r)?f.alias:e.startsWith(r)?f.start:
i(`${e} head`)?f.name:i(`${e} ${t} head`)?
f.aliases:i(`${e} ${t} ${n}`)?f.said:-1}
function Y({name:e,slug:t,strongest:n},s,o){
let r=i=>e.toLowerCase().includes(i);return n.
flatMap(([i,...a])=>{let[,c,,,l]=s[i],d=`${c}\
 ${l} head`.toLowerCase();return o.some(
h=>h!=="head"&&h!=="heads"&&g(`${c} ${l}`.
toLowerCase(),h))&&o.every(h=>g(d,h)||r(
h))?Z(a).map(([h,p],w)=>({title:`${h} of\
 ${e}`,href:`${t}/heads/${h}.html`,what:`\
head: ${w?"":"the strongest "}${c}${p===
null?"":` ${Number(p).toFixed(2)}`}`,rank:f.
label+w/10})):[]})}var Z=e=>Array.from({
length:e.length/2},(t,n)=>[e[2*n],e[2*n+
1]]);var tt=12,x=class{#t=[];#e=-1;#s=!1;constructor(){
this.box=A(".find"),this.root=this.box.dataset.
root??"",this.here=this.box.dataset.model??
"",this.form=m("form","","search"),this.
input=m("input"),this.list=m("div"),this.
status=m("p","","hidden")}start(){this.#l(),
this.input.addEventListener("focus",()=>{
this.#r()}),this.input.addEventListener(
"input",()=>{this.#d()}),this.input.addEventListener(
"keydown",t=>this.#u(t)),this.form.addEventListener(
"submit",t=>t.preventDefault()),this.form.
addEventListener("focusout",({relatedTarget:t})=>{
t instanceof Node&&this.form.contains(t)||
this.#a()}),this.list.addEventListener("\
pointerdown",t=>t.preventDefault()),this.
list.addEventListener("click",t=>this.#m(
t)),document.addEventListener("keydown",
t=>this.#b(t))}#l(){this.form.setAttribute(
"role","search");let t=m("label","Find a\
 model, layer, head, pattern or probe","\
hidden");t.htmlFor="search",Object.assign(
this.input,{type:"search",id:"search",autocomplete:"\
off",spellcheck:!1,placeholder:"Find: la\
yer 5, 18.6, induction …"});let n={role:"\
combobox","aria-expanded":"false","aria-\
controls":"found","aria-autocomplete":"l\
ist"};for(let[s,o]of Object.entries(n))this.
input.setAttribute(s,o);Object.assign(this.
list,{id:"found",hidden:!0,role:"listbox",
ariaLabel:"Found"}),Object.assign(this.status,
{id:"found-said",role:"status"}),this.form.
append(t,this.input,this.list,this.status),
this.box.replaceChildren(this.form)}#r(){
return M("names",`${this.root}assets/nam\
es.js`)}async#d(){let t=this.input.value;
this.#s=!1;try{let n=await this.#r();if(t!==
this.input.value)return;this.#t=I(n,t,this.
here),this.#i()}catch{this.#n("The list \
of names could not be loaded.")}}#i(){this.#e=
-1;let t=this.input.value.trim(),n=this.#s?
this.#t:this.#t.slice(0,tt),s=n.map((r,i)=>this.#h(
r,i)),o=this.#t.length-n.length;this.list.
replaceChildren(...s,...o?[et(o)]:[]),this.#o(
s.length>0),t?s.length?this.#n(o?`${n.length}\
 of ${this.#t.length} shown`:`${n.length}\
 found`):this.#n("Nothing here has that \
name."):this.#n(""),this.status.classList.
toggle("hidden",s.length>0)}#h({title:t,
href:n,what:s},o){let r=m("a",t);return r.
href=this.root+n,r.id=`found-${o}`,r.tabIndex=
-1,r.setAttribute("role","option"),r.setAttribute(
"aria-selected","false"),r.append(" ",m(
"span",s,"soft")),r}#n(t){this.status.textContent=
t,this.status.classList.remove("hidden")}#o(t){
this.list.hidden=!t,this.input.setAttribute(
"aria-expanded",String(t)),this.input.removeAttribute(
"aria-activedescendant")}#a(){this.#o(!1),
this.#n("")}#u(t){let s={ArrowDown:()=>this.#c(
1),ArrowUp:()=>this.#c(-1),Enter:()=>this.#f(),
Escape:()=>this.#p()}[t.key];!s||t.isComposing||
(t.preventDefault(),s())}#c(t){let n=b(HTMLElement,
"[role=option]",this.list);if(this.list.
hidden&&this.#t.length&&this.#o(!0),!n.length)
return;let s=n.length+1;this.#e=(this.#e+
1+t+s)%s-1;for(let[r,i]of n.entries())i.
setAttribute("aria-selected",String(r===
this.#e));let o=n[this.#e];if(!o)return this.
input.removeAttribute("aria-activedescen\
dant");this.input.setAttribute("aria-act\
ivedescendant",o.id),o.scrollIntoView({block:"\
nearest"})}#f(){this.list.hidden||b(HTMLElement,
"[role=option]",this.list)[Math.max(this.#e,
0)]?.click()}#p(){this.list.hidden&&(this.
input.value=""),this.#a()}#m(t){(t.target instanceof
Element?t.target.closest("[role=option]"):
null)?.id==="found-more"&&(t.preventDefault(),
this.#s=!0,this.#i())}#b(t){t.key!=="/"||
t.ctrlKey||t.metaKey||t.altKey||t.target instanceof
Element&&t.target.closest("input, select\
, textarea")||(t.preventDefault(),this.input.
focus())}};function et(e){let t=m("div",
`${e} more: show all`,"more");return t.id=
"found-more",t.setAttribute("role","opti\
on"),t.setAttribute("aria-selected","fal\
se"),t}var nt=1.2;function F(){for(let e of b(HTMLElement,
".scroll")){let t=e.querySelector("table");
if(!t?.tHead)continue;let n=new ResizeObserver(
()=>st(e,t));for(let s of[e,t])n.observe(
s)}}function st(e,t){let n=t.offsetWidth<=
e.clientWidth+1;e.classList.toggle("fits",
n),e.classList.toggle("framed",!n&&t.offsetHeight>
nt*innerHeight),e.hasAttribute("role")&&
(n?e.removeAttribute("tabindex"):e.tabIndex=
0)}new x().start();F();L();})();
