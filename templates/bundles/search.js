// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function m(e,t="",n=""){let s=document.createElement(
e);return s.textContent=t,n&&(s.className=
n),s}function y(e,t=document){return t.querySelector(
e)}function b(e,t,n=document){return Array.
from(n.querySelectorAll(t)).filter(s=>s instanceof
e)}var A=e=>e.altKey||e.ctrlKey||e.metaKey;function D(e,[t,n],s){let o=s.length-1,r={
ArrowUp:[t-1,n],ArrowDown:[t+1,n],ArrowLeft:[
t,n-1],ArrowRight:[t,n+1],Home:[t,0],End:[
t,1/0],PageUp:[0,n],PageDown:[o,n]};if(!Object.
hasOwn(r,e))return;let i=Math.min(Math.max(
r[e][0],0),o);return[i,Math.min(Math.max(
r[e][1],0),s[i]-1)]}function H(e,t,n,s=t[0],o=void 0){
let r=s;for(let a of t)a.tabIndex=a===r?
0:-1;let i=a=>{r&&(r.tabIndex=-1),r=a,r.
tabIndex=0};e.addEventListener("focusin",
({target:a})=>{let c=t.find(h=>h===a);c&&
i(c)},{signal:o}),e.addEventListener("ke\
ydown",a=>{let c=a.target;if(A(a)||!t.includes(
c))return;let h=n(),f=h.findIndex(w=>w.includes(
c)),d=h.map(w=>w.length),l=f<0?void 0:D(
a.key,[f,h[f].indexOf(c)],d),p=l&&h[l[0]][l[1]];
!p||p===c||(a.preventDefault(),p.focus())},
{signal:o})}function E(){for(let e of b(
HTMLElement,"[data-one-stop]")){let t=b(
HTMLAnchorElement,"a",e),n=t.find(o=>o.ariaCurrent),
s=e.dataset.oneStop==="list"?()=>t.map(o=>[
o]):()=>N(t);H(e,t,s,n)}}function N(e){let t=new Map;
for(let s of e){let{top:o,left:r}=s.getBoundingClientRect(),
i=[...t.keys()].find(a=>Math.abs(a-o)<4)??
o;t.set(i,[...t.get(i)??[],[r,s]])}return[
...t].sort(([s],[o])=>s-o).map(([,s])=>s.
sort(([o],[r])=>o-r).map(([,o])=>o))}var $=new Map,j=e=>new Promise((t,n)=>{let s=document.
createElement("script");s.src=e,s.onload=
()=>t(),s.onerror=()=>n(new Error(`${e} \
could not be loaded`)),document.head.append(
s)});async function L(e,t){if(!(window.headatlas?.
data&&e in window.headatlas.data)){let n=$.
get(t)??j(t);$.set(t,n),await n.finally(
()=>$.delete(t))}return window.headatlas.
data[e]}var F={encoder:"E",decoder:"D",cross:"X",
vision:"V"},R="(?:(encoder|decoder|cross\
|vision)(?:[ -]attention)?\\s+)?",U=[{form:/\b([ledxv])\s?(\d+)\s?[.:,/]?\s?h\s?(\d+)\b/,
parts:[1,2,3]},{form:/\bhead\s(\d+)\s(?:of|in|at)\s(?:the\s)?layer\s(\d+)\b/,
parts:[0,2,1]},{form:new RegExp(`\\b${R}\
layer\\s?(\\d+)\\s?,?\\s?(?:head\\s?(\\d+))?\\b`),
parts:[1,2,3]},{form:/(?:^|[\s(])([ledxv])?(\d+)\s?[.:/,]\s?h?(\d+)(?=[\s)]|$)/,
parts:[1,2,3]},{form:/^()(\d+)\s(\d+)$/,
parts:[1,2,3]},{form:/\b([ledxv])(\d+)\b/,
parts:[1,2,0]}];function k(e){for(let{form:t,
parts:n}of U){let s=e.match(t);if(!s)continue;
let[o,r,i]=n.map(c=>c?s[c]:void 0);return{
spot:{letter:F[o??""]??(o??"").toUpperCase(),
layer:Number(r),head:i===void 0?null:Number(
i)},rest:e.replace(s[0]," ")}}return{spot:null,
rest:e}}function M(e,{letter:t,layer:n}){
return e.filter(([s])=>s.slice(1)===String(
n)&&(!t||s[0]===t))}var v=e=>e.replaceAll("_"," ");var B=new Set("what whats is are a an th\
e does do how of in on for to me show fi\
nd which who why mean means it that with".
split(" ")),S={word:"token",words:"token",
repeat:"duplicate",repeats:"duplicate",copy:"\
duplicate",earlier:"previous"},u={exact:0,
alias:1,start:2,name:3,label:4,aliases:5,
said:6,resembling:7};function O(e,t,n=""){
let s=v(t.toLowerCase()).replace(/[?"“”']/g,
"").trim().replace(/\s+/g," ");if(!s)return[];
let o=[...e.models].sort((d,l)=>+(l.slug===
n)-+(d.slug===n)),{spot:r,rest:i}=k(s),a=r?
o.filter(T(C(i))).flatMap(d=>W(d,r)):[],
c=C(s),h=c.join(" "),f=[...e.entries.flatMap(
d=>q(d,c,h)),...o.flatMap(d=>_(d,c,h)),...o.
flatMap(d=>V(d,e.entries,c))];return a.length||
f.length?[...a,...f.sort((d,l)=>d.rank-l.
rank)]:K(e.entries,c)}function K(e,t){let n=t.
filter(r=>r.length>2),s=e.map(([r,i,a,c,
h])=>{let[f,d]=[i.toLowerCase(),`${i} ${h}\
 ${c}`.toLowerCase()],l=n.filter(p=>g(d,
p)).length+n.filter(p=>g(f,p)).length;return{
title:i,href:a,what:`${r}: ${c}`,n:l}}),
o=Math.max(...s.map(({n:r})=>r),1);return s.
filter(({n:r})=>r===o)}function C(e){let t=e.
split(/[\s,()]+/).filter(Boolean),n=t.filter(
s=>!B.has(s));return n.length?n:t}var T=e=>({
name:t})=>e.every(n=>t.toLowerCase().includes(
n)),g=(e,t)=>e.includes(t)||t.length>3&&
t.endsWith("s")&&e.includes(t.slice(0,-1))||
Object.hasOwn(S,t)&&e.includes(S[t]);function W({
name:e,slug:t,layers:n},s){return M(n,s).
flatMap(([o,r])=>{if(s.head===null)return[
{title:`${o} of ${e}`,href:`${t}/layers/${o}\
.html`,what:"layer"}];let i=`${o}H${s.head}`;
return s.head<r?[{title:`${i} of ${e}`,href:`${t}\
/heads/${i}.html`,what:"head"}]:[]})}function _({
name:e,slug:t},n,s){let o=e.toLowerCase();
if(!T(n)({name:e,slug:t,layers:[],strongest:[]}))
return[];let r=o===s?u.exact:u.start;return[
{title:e,href:`${t}/index.html`,what:"mo\
del",rank:r}]}function q([e,t,n,s,o],r,i){
let a=P(t.toLowerCase(),o.toLowerCase(),
s.toLowerCase(),r,i);if(a<0)return[];let c=e===
"name"&&a>u.alias;return[{title:t,href:n,
what:`${e}: ${s}`,rank:c?u.resembling:a}]}
function P(e,t,n,s,o){let r=o.replace(/ heads?$/,
""),i=a=>s.every(c=>g(a,c));return e===o||
e===r?u.exact:t.split(", ").some(a=>a===
o||a===r)?u.alias:e.startsWith(r)?u.start:
i(`${e} head`)?u.name:i(`${e} ${t} head`)?
u.aliases:i(`${e} ${t} ${n}`)?u.said:-1}
function V({name:e,slug:t,strongest:n},s,o){
let r=i=>e.toLowerCase().includes(i);return n.
flatMap(([i,...a])=>{let[,c,,,h]=s[i],f=`${c}\
 ${h} head`.toLowerCase();return o.some(
l=>l!=="head"&&l!=="heads"&&g(`${c} ${h}`.
toLowerCase(),l))&&o.every(l=>g(f,l)||r(
l))?z(a).map(([l,p],w)=>({title:`${l} of\
 ${e}`,href:`${t}/heads/${l}.html`,what:`\
head: ${w?"":"the strongest "}${c}${p===
null?"":` ${Number(p).toFixed(2)}`}`,rank:u.
label+w/10})):[]})}var z=e=>Array.from({
length:e.length/2},(t,n)=>[e[2*n],e[2*n+
1]]);var G=12,x=class{#t=[];#e=-1;#s=!1;constructor(){
this.box=y(".find"),this.root=this.box.dataset.
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
return L("names",`${this.root}assets/nam\
es.js`)}async#d(){let t=this.input.value;
this.#s=!1;try{let n=await this.#r();if(t!==
this.input.value)return;this.#t=O(n,t,this.
here),this.#i()}catch{this.#n("The list \
of names could not be loaded.")}}#i(){this.#e=
-1;let t=this.input.value.trim(),n=this.#s?
this.#t:this.#t.slice(0,G),s=n.map((r,i)=>this.#h(
r,i)),o=this.#t.length-n.length;this.list.
replaceChildren(...s,...o?[J(o)]:[]),this.#o(
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
focus())}};function J(e){let t=m("div",`${e}\
 more: show all`,"more");return t.id="fo\
und-more",t.setAttribute("role","option"),
t.setAttribute("aria-selected","false"),
t}var X=1.2;function I(){for(let e of b(HTMLElement,
".scroll")){let t=e.querySelector("table");
if(!t?.tHead)continue;let n=new ResizeObserver(
()=>Q(e,t));for(let s of[e,t])n.observe(
s)}}function Q(e,t){let n=t.offsetWidth<=
e.clientWidth+1;e.classList.toggle("fits",
n),e.classList.toggle("framed",!n&&t.offsetHeight>
X*innerHeight),e.hasAttribute("role")&&(n?
e.removeAttribute("tabindex"):e.tabIndex=
0)}new x().start();I();E();})();
