// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function f(n,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[i,o]of Object.entries(t))
s.setAttribute(i,String(o));return e&&(s.
textContent=e),s}function C(n,{read:t=!1}={}){
return n.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function L(n,t){let e=u("a",n);return e.
href=t,e}function A(n,t=document){return t.querySelector(
n)}function p(n,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
n)}function V(n,t){return n.elements.namedItem(
t)}function X(n,t){for(let e of n)t(e)?e.
setAttribute("aria-current","true"):e.removeAttribute(
"aria-current")}var _=n=>n.altKey||n.ctrlKey||
n.metaKey;function et(n){return JSON.parse(
document.getElementById(n)?.textContent??
"null")}function st(){for(let n of document.
querySelectorAll("[data-needs-script]"))
n.removeAttribute("hidden")}function T(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var d={
read:n=>n??"",write:n=>n},I={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},Tt={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},It={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},Nt={read:n=>(n??"").split(",").
filter(Boolean).map(Ot),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function Ot(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var x=class{constructor(t){
this.fields=t}read(){let{choices:t}=nt(),
e=Object.entries(this.fields).map(([s,i])=>[
s,i.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[i,o]of Object.entries(this.fields)){
let r=i in t?o.write(t[i]):"";r&&s.set(i,
r)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let i=this.format(t,e);if(location.
hash===(i&&`#${i}`))return;let o=s?history.
pushState:history.replaceState;try{o.call(
history,null,"",i?`#${i}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!Ft())&&
t()})}};function nt(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function Ft(){let{anchor:n}=nt(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var it={view:T("matrix","t\
ext","arcs"),direction:T("to","from"),scale:T(
"linear","root"),sink:T("","show","hide"),
row:I,column:I},be=new x(it),xe=new x({a:d,
b:d,text:d,...it}),O=new x({pattern:d,probe:d,
value:T("score","sinkfree"),scale:T("ful\
l","fit"),label:d}),ye=new x({text:d,label:d,
probe:d,from:d,to:d,sort:Tt,columns:It,range:Nt,
page:I}),ke=new x({x:d,y:d}),Ae=new x({by:d,
through:d,from:d,to:d,head:d,least:I}),$e=new x(
{a:d,b:d,pattern:d}),Me=new x({picture:d,
head:d,step:I,word:I});var y={font:"ui-sans-serif, Helvetica, A\
rial, sans-serif",token_font:"ui-monospa\
ce, Menlo, Consolas, monospace",font_size:10,
ink:"#191b1e",paper:"#fff",title_x:4,title_y:16,
title_size:13,title_weight:600,title_room:26,
title_letter_width:7.5,cell:14,small_cell:2,
max_cells:80,max_letters:16,letter_width:6.4,
token_margin:10,token_gap:5,baseline:3.5,
number_room:40,number_step:20,min_width:220,
right_margin:12,scale_steps:64,scale_step_width:3,
scale_rect_width:3.2,scale_height:9,scale_gap:16,
scale_ticks:[0,.25,.5,.75,1],scale_tick_y:21,
scale_room:56};async function jt(n){let t=new Uint16Array(
n.length),e=0;for(let o=1;o<n.length;o++){
let r=n.charCodeAt(o);t[e++]=r===57344?n.
charCodeAt(++o)^32768:r}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),i=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
i).arrayBuffer())}async function ot(n){let t=await jt(
n),e=4+new DataView(t.buffer).getUint32(
0,!0),[s,i,o]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),r=i*o,a=new Float64Array(
r);for(let l=t.length;l>e;l-=r||l)for(let h=0;h<
r;h++)a[h]=256*a[h]+t[l-r+h];let c=Array.
from({length:o},(l,h)=>Array.from(a.subarray(
h*i,(h+1)*i),Rt));return{facts:s,columns:c}}
var Rt=n=>n===0?null:n%2?(n-1)/2:-n/2;function ct(n,t){return{heads:()=>at(`${n}\
 heads`,`${t}/heads.js`,Bt),numbers:e=>at(
`${n} ${e}`,`${t}/${e.split("#")[0]}.js`,
Pt),circuits:()=>lt(`${n} circuits`,`${t}\
/circuits.js`)}}var rt=new Map;function at(n,t,e){
let s=async()=>{let{facts:o,columns:r}=await ot(
await lt(n,t));return e(o,r)},i=rt.get(n)??
s();return rt.set(n,i),i}function Bt(n,t){
return Object.values(n.patterns).forEach(
(e,s)=>{e.score=t[s]}),n}function Pt(n,t){
let e=n.against?1:2;return Object.values(
n.probes).forEach((s,i)=>{let[o,r]=t.slice(
i*e,(i+1)*e);s.score=o,s.sinkfree=r?.map(
(a,c)=>a===null?null:a+(o[c]??0))??[]}),
n}var Y=new Map,Dt=n=>new Promise((t,e)=>{
let s=document.createElement("script");s.
src=n,s.onload=()=>t(),s.onerror=()=>e(new Error(
`${n} could not be loaded`)),document.head.
append(s)});async function lt(n,t){if(!(window.
headatlas?.data&&n in window.headatlas.data)){
let e=Y.get(t)??Dt(t);Y.set(t,e),await e.
finally(()=>Y.delete(t))}return window.headatlas.
data[n]}function J(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var P=n=>n.replaceAll("_"," ");function F(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}function Z(n){return n===null?"–":Math.
abs(n)>=9.95?n.toFixed(0):Math.abs(n)>1?
n.toFixed(1):n.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var ht=n=>n.replace(/[^\p{L}\p{N}.]+/gu,
"-");var qt=3,Gt=8e3;function dt(n,t){let e=f("svg",{"font-fa\
mily":y.font,"font-size":t,fill:y.ink}),
{title_x:s,title_y:i,title_size:o,title_weight:r}=y;
return e.append(f("text",{x:s,y:i,"font-\
size":o,"font-weight":r},n)),e}var ut=n=>y.
title_x+y.title_letter_width*Array.from(
n).length;function ft(n,t,e){return n.setAttribute(
"viewBox",`0 0 ${t} ${e}`),n.setAttribute(
"width",String(t)),n.setAttribute("heigh\
t",String(e)),n.prepend(f("rect",{width:t,
height:e,fill:y.paper})),n}async function mt(n,t,e){
let s=new XMLSerializer().serializeToString(
n),i=`${ht(t)}.${e}`;return e==="svg"?J(
new Blob([s],{type:"image/svg+xml"}),i):
(await zt(s,Number(n.getAttribute("width")),
Number(n.getAttribute("height")))).toBlob(
r=>r&&J(r,i))}async function zt(n,t,e){let s=new Image;
s.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(
n)}`,await s.decode();let i=u("canvas"),
o=Math.min(qt,Gt/Math.max(t,e));return[i.
width,i.height]=[Math.round(t*o),Math.round(
e*o)],C(i).drawImage(s,0,0,i.width,i.height),
i}var pt=600,Ut=14,D=class n{#e;static of(t,e){
let[s]=p(SVGSVGElement,".head-map");return s?
new n(s,t,e):null}constructor(t,e,s){this.
map=t,this.here=t.querySelector(".here"),
this.readout=A("#map-readout"),this.hint=
Array.from(this.readout.childNodes),this.
places=e,this.mosaic=s,this.positions=new Map(
s.heads.map(({name:i},o)=>[i,o]))}get dots(){
return this.#e??=Object.entries(this.places).
map(Wt),this.#e}start(){this.map.addEventListener(
"pointermove",t=>this.#t(this.#s(t)?.name)),
this.map.addEventListener("pointerleave",
()=>this.#t(void 0)),this.map.addEventListener(
"click",t=>{let e=this.#s(t);e&&(location.
href=`heads/${e.name}.html`)})}show(t){let e=this.
dots.find(s=>s.name===t);this.here.toggleAttribute(
"hidden",!e),this.map.classList.toggle("\
pointing",!!e),e&&(this.here.setAttribute(
"cx",String(e.x)),this.here.setAttribute(
"cy",String(e.y)))}filter(t){for(let e of this.
map.querySelectorAll("[data-dots]"))e.classList.
toggle("dim",t>=0&&e.getAttribute("data-\
dots")!==String(t))}#t(t){this.show(t);let e=this.
positions.get(t??"")??-1;if(this.mosaic.
point(e),t===void 0)return this.readout.
replaceChildren(...this.hint);let s=this.
mosaic.cells[e]?.said??"";return this.readout.
replaceChildren(u("b",t),` ${s.replace(/^\S+ ?/,
"")}`)}#s(t){let e=this.map.getBoundingClientRect(),
s=(t.clientX-e.left)/e.width*pt,i=(t.clientY-
e.top)/e.height*pt,[o,r]=[void 0,Ut];for(let a of this.
dots){let c=Math.hypot(a.x-s,a.y-i);c<r&&
([o,r]=[a,c])}return o}};function Wt([n,
t]){let[e,s]=t.split(" ").map(Number);return{
name:n,x:e,y:s}}function q(n,t){let e=Array.from(new Set(
t),a=>u("a","",a)),s=u("tbody");s.hidden=
!0;let i=u("td");i.append(...e);let o=u(
"tr");o.append(i),s.append(o),n.append(s);
let r=e.map(a=>{let{backgroundColor:c,color:l}=getComputedStyle(
a);return[a.className,{fill:c,ink:l}]});
return s.remove(),new Map(r)}var gt=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),Kt=gt(window.
headatlas.light),Pe=gt(window.headatlas.
dark),De=new Map(Kt.map((n,t)=>[n,t])),Vt=matchMedia(
"(prefers-color-scheme: dark)"),wt=[],Xt=!1;var bt=n=>wt.push(n);function xt(){for(let n of wt)
n()}Vt.addEventListener("change",xt);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{Xt=t,xt()});
var yt=n=>`#${n.toString(16).padStart(6,
"0")}`;function Q(n,[t,e],s){let i=s.length-1,o={
ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[i,e]};if(!Object.
hasOwn(o,n))return;let r=Math.min(Math.max(
o[n][0],0),i);return[r,Math.min(Math.max(
o[n][1],0),s[r]-1)]}function kt(n,t,e,s=t[0],i=void 0){
let o=s;for(let a of t)a.tabIndex=a===o?
0:-1;let r=a=>{o&&(o.tabIndex=-1),o=a,o.
tabIndex=0};n.addEventListener("focusin",
({target:a})=>{let c=t.find(l=>l===a);c&&
r(c)},{signal:i}),n.addEventListener("ke\
ydown",a=>{let c=a.target;if(_(a)||!t.includes(
c))return;let l=e(),h=l.findIndex(k=>k.includes(
c)),m=l.map(k=>k.length),g=h<0?void 0:Q(
a.key,[h,l[h].indexOf(c)],m),w=g&&l[g[0]][g[1]];
!w||w===c||(a.preventDefault(),w.focus())},
{signal:i})}var G=class{constructor(t){this.table=t,
this.links=p(HTMLAnchorElement,"td a",t),
this.heads=this.links.map(e=>({name:e.getAttribute(
"href").replace(/^heads\/|\.html$/g,""),
href:e.href,claims:tt(e.dataset.labels),
said:e.getAttribute("aria-label")})),this.
lettered=!t.classList.contains("wide")}get rows(){
return Array.from(this.table.tBodies[0].
rows,t=>({name:t.cells[0].textContent?.trim()??
"",n:t.querySelectorAll("td a").length}))}show(t){
t.forEach(({style:e,text:s,said:i},o)=>{
let r=this.links[o];r.className=e,this.lettered&&
(r.textContent=s),r.setAttribute("aria-l\
abel",i)})}point(t){this.table.querySelector(
".pointed")?.classList.remove("pointed"),
this.links[t]?.classList.add("pointed")}listen(t,e){
let s=o=>{let r=this.links.indexOf(o.target);
r>=0&&t(r)},i=Array.from(this.table.tBodies[0].
rows,o=>p(HTMLAnchorElement,"a",o));kt(this.
table,i.flat(),()=>i,this.links[0]),this.
table.addEventListener("focusin",s),this.
table.addEventListener("pointerover",s),
this.table.addEventListener("pointerleav\
e",e)}};function tt(n){return(n??"").split(
" ").filter(Boolean).map(e=>e.split(":").
map(Number))}var v=1,At={width:22,height:12},H=class{#e=[
0,1];#t=null;#s=[];#n=-1;#h="";constructor(t){
this.table=t,this.rows=Yt(t),this.heads=
this.rows.flatMap(Jt),this.columns=Math.
max(...this.rows.map(({n:e})=>e)),this.canvas=
u("canvas"),this.canvas.setAttribute("ar\
ia-hidden","true"),this.under=L("",""),this.
under.tabIndex=-1,this.under.setAttribute(
"aria-hidden","true"),this.mark=u("span",
"","pointed"),t.parentElement?.querySelector(
"img")?.replaceWith(this.canvas),new ResizeObserver(
()=>{let{clientWidth:e,clientHeight:s}=this.
canvas;this.#h!==`${e} ${s}`&&this.#d()}).
observe(this.canvas),bt(()=>this.#d())}show(t){
this.#s=t,this.#d();let e=this.#r(this.#e);
this.#t&&e>=0&&(this.#t.ariaLabel=t[e].said)}#d(){
let{clientWidth:t,clientHeight:e}=this.canvas;
if(!(t&&this.#s.length))return;this.#h=`${t}\
 ${e}`;let s=devicePixelRatio;[this.canvas.
width,this.canvas.height]=[Math.round(t*
s),Math.round(e*s)];let i=C(this.canvas),
o=this.#m(),r=q(this.table,o.keys()),a=t/
this.columns>=At.width&&e/this.rows.length>=
At.height;a&&this.#p(i,s);let c={x:$t(this.
columns,t,s),y:$t(this.rows.length,e,s)};
for(let[l,h]of o){let{fill:m,ink:g}=r.get(
l),w=h.map(([$,B])=>[c.x[$][0],c.y[B][0],
c.x[$][1],c.y[B][1]]);if(Qt(i,m,w),l==="\
none")for(let $ of w)Zt(i,g,$);let k=a?h.
map(([,,$])=>this.#s[$].text):[];te(i,g,
k,w)}}#m(){let t=new Map;for(let[e,{first:s,
n:i}]of this.rows.entries())for(let o=0;o<
i;o++){let{style:r}=this.#s[s+o],a=t.get(
r);a?a.push([o,e,s+o]):t.set(r,[[o,e,s+o]])}
return t}#p(t,e){let{fontSize:s,fontFamily:i}=getComputedStyle(
this.table);t.font=`${Number.parseFloat(
s)*e}px ${i}`,[t.textAlign,t.textBaseline]=
["center","middle"]}point(t){t<0?this.mark.
remove():this.#l(this.mark,t)}listen(t,e){
for(let{link:s}of this.rows)s.tabIndex=-1;
this.table.setAttribute("role","grid"),this.
table.ariaColCount=String(this.columns+1),
this.#a(this.#e),this.table.addEventListener(
"keydown",s=>this.#g(s)),this.table.addEventListener(
"focusin",({target:s})=>this.#c(s,t)),this.
table.addEventListener("pointermove",s=>{
let i=this.#i(s);i!==this.#n&&this.#o(i,
t)}),this.table.addEventListener("pointe\
rleave",()=>{this.#o(-1,t),e()}),this.table.
addEventListener("click",s=>{let i=this.#i(
s);i>=0&&!(s.target instanceof HTMLAnchorElement)&&
(location.href=this.heads[i].href)})}#o(t,e){
return this.#n=t,t<0?this.under.remove():
(this.under.href=this.heads[t].href,this.#l(
this.under,t),e(t))}#i({clientX:t,clientY:e}){
let s=this.canvas.getBoundingClientRect(),
i=Math.floor((e-s.top)/(s.height+v)*this.
rows.length),o=Math.floor((t-s.left)/(s.
width+v)*this.columns),r=this.rows[i];return r&&
o>=0&&o<r.n?r.first+o:-1}#l(t,e){let s=this.
rows.find(({first:i,n:o})=>e>=i&&e<i+o);
t.style.left=`calc((100% + ${v}px) * ${(e-
s.first)/this.columns})`,t.style.width=`\
calc((100% + ${v}px) / ${this.columns} -\
 ${v}px)`,s.room?.append(t)}#r([t,e]){return e>
0&&e<=this.rows[t].n?this.rows[t].first+
e-1:-1}#a(t){let e=this.#r(t),s=this.#t;
if(this.#e=t,this.#t=e<0?this.rows[t[0]].
link:L("",this.heads[e].href),this.#t.tabIndex=
0,e>=0){this.#t.ariaLabel=this.#s[e]?.said??
this.heads[e].name;let i=this.rows[t[0]].
room;i.ariaColIndex=String(t[1]+1),this.#l(
this.#t,e)}return s===this.#t?null:s}#g(t){
let e=this.rows.map(({n:o})=>o+1),s=_(t)?
void 0:Q(t.key,this.#e,e);if(!s)return;t.
preventDefault();let i=this.#a(s);this.#t?.
focus(),i&&this.#u(i)}#u(t){t.closest("t\
h")?t.tabIndex=-1:t.remove()}#c(t,e){let s=this.
rows.findIndex(({link:o})=>o===t);if(s>=
0&&t!==this.#t){let o=this.#a([s,0]);o&&
this.#u(o)}let i=this.#r(this.#e);t===this.#t&&
i>=0&&e(i)}};function Yt(n){let t=0;return Array.
from(n.tBodies[0].rows,e=>{let[s]=p(HTMLAnchorElement,
"th a",e),[i=null]=p(HTMLTableCellElement,
"td[data-heads]",e),o=Number(i?.dataset.
heads??0);return t+=o,{name:s.textContent??
"",link:s,room:i,first:t-o,n:o}})}function Jt({
name:n,room:t,n:e}){let s=(t?.dataset.labels??
"").split(";");return Array.from({length:e},
(i,o)=>{let r=`${n}H${o}`;return{name:r,
href:`heads/${r}.html`,claims:tt(s[o]),said:null}})}
function $t(n,t,e){let s=Math.max(1,Math.
round(v*e)),i=(t+v)*e/n;return Array.from(
{length:n},(o,r)=>[Math.round(r*i),Math.
round((r+1)*i)-s])}function Zt(n,t,[e,s,
i,o]){n.strokeStyle=t,n.beginPath(),n.moveTo(
e,o),n.lineTo(i,s),n.stroke()}function Qt(n,t,e){
n.fillStyle=t;for(let[s,i,o,r]of e)n.fillRect(
s,i,o-s,r-i)}function te(n,t,e,s){n.fillStyle=
t;for(let[i,o]of e.entries()){let[r,a,c,
l]=s[i];n.fillText(o,(r+c)/2,(a+l)/2)}}var ee=100,z=class{constructor(t,e){this.
labels=e,this.grids=t.map(s=>s.dataset.mosaic===
"drawn"?new H(s):new G(s)),this.heads=this.
grids.flatMap(s=>s.heads),this.drawn=this.
grids.some(s=>s instanceof H),this.cells=
this.#e(-1,!1)}paintLabels(t,e){this.#s(
this.#e(t,e))}#e(t,e){let s=([i])=>t<0?!(e&&
this.labels[i].rests):i===t;return this.
heads.map(i=>{let o=i.claims.find(s);return{
style:o?`${this.labels[o[0]].hue} v${o[1]}`:
"v0",text:o?this.labels[o[0]].code:"",said:i.
said??this.#t(i)}})}#t({name:t,claims:[e]}){
return e?`${t}, ${this.labels[e[0]].text}\
 ${Z(e[1]/100)}`:`${t}, no label`}paintScores(t,e,s,i=""){
this.#s(this.heads.map(({name:o,claims:r},a)=>{
let c=t[a]??null,l=c===null?null:c/1e3,h=Z(
l),m=`${o} ${h}`,g=se(l===null?null:l/e,
i);return l!==null&&s>=0&&!r.some(([k])=>k===
s)?{style:`${g} dim`,text:"",said:m}:{style:g,
text:h,said:m}}))}#s(t){this.cells=t;let e=0;
for(let s of this.grids)s.show(t.slice(e,
e+s.heads.length)),e+=s.heads.length}point(t){
let e=0;for(let s of this.grids)s.point(
t>=e&&t<e+s.heads.length?t-e:-1),e+=s.heads.
length}claimsInWords(t){return this.heads[t].
claims.map(([s,i])=>`${this.labels[s].text}\
 ${(i/100).toFixed(2)}`).join(" · ")||"\
no label"}listen(t,e){let s=0;for(let i of this.
grids){let o=s;i.listen(r=>t(o+r),e),s+=
i.heads.length}}};function se(n,t){if(n===
null)return"none";let e=t?Math.abs(n):Math.
max(n,0);return`${n<0?t:""} v${Math.round(
ee*Math.min(e,1))}`.trim()}var ne=9,E={width:26,height:16},b=36,U=28,
W=13,S=14,ie=200,oe=6,j={width:160,height:9,
ticks:19},M={width:155,height:15,swatch:20},
re=12;function Mt(n,t,e){let s=document.
documentElement;s.classList.add("paper");
try{return ae(n,t,e)}finally{s.classList.
remove("paper")}}function ae({grids:n,cells:t},e,s){
let i=dt(e,ne),[o,r,a]=[U,ie,0];for(let{
table:l,rows:h}of n){i.append(...ue(l,o)),
o+=W;let m=ce(l,t.map(({style:g})=>g));for(let{
name:g,n:w}of h){let k=t.slice(a,a+w);a+=
w,i.append(fe(g,o),...k.flatMap(($,B)=>me(
$,m,b+B*E.width,o))),r=Math.max(r,b+w*E.
width+oe),o+=E.height}o+=S}let c="labels"in
s?le(s.labels,t,r+S,o):de(s,o);return i.
append(...c.drawn),ft(i,Math.max(c.width,
r,ut(e)+y.right_margin),c.bottom)}function ce(n,t){
let e=[...q(n,t)];return new Map(e.map(([
s,{fill:i,ink:o}])=>[s,{fill:R(i),ink:R(
o)}]))}function le(n,t,e,s){let i=new Set(
t.map(({text:l})=>l)),o=n.filter(l=>i.has(
St(l.querySelector(".code")))),r=Math.max(
re,Math.floor((s-U-W)/M.height)),a=o.flatMap(
(l,h)=>{let m=e+Math.floor(h/r)*M.width;
return he(l,m,U+W+h%r*M.height)}),c=Math.
max(s,U+W+Math.min(r,o.length)*M.height)+
S;return a.push(f("text",{x:b,y:c},"The \
fuller a cell, the stronger its label.")),
{drawn:a,width:e+Math.ceil(o.length/r)*M.
width,bottom:c+S}}var St=n=>n?.textContent??
"";function he(n,t,e){let s=n.querySelector(
".code"),{backgroundColor:i,color:o}=getComputedStyle(
s),r=Array.from(n.childNodes,c=>c instanceof
Text?c.data.trim():"").join(""),a={x:t+M.
swatch/2,y:e+9,"text-anchor":"middle",fill:R(
o)};return[f("rect",{x:t,y:e,width:M.swatch,
height:12,fill:R(i)}),f("text",a,St(s)),
f("text",{x:t+M.swatch+5,y:e+9},r)]}function de({
steps:n,ticks:t,chance:e,said:s},i){let[
o,{width:r,height:a}]=[j.width/n.length,
j],c=n.map((l,h)=>{let m=R(getComputedStyle(
l).backgroundColor);return f("rect",{x:b+
h*o,y:i,width:o+.2,height:a,fill:m})});if(t.
forEach((l,h)=>{let m=b+r*h/(t.length-1);
c.push(f("text",{x:m,y:i+j.ticks,"text-a\
nchor":"middle"},l))}),e!==null){let l=b+
r*e;c.push(f("path",{d:`M${l} ${i-3}V${i+
a+3}`,stroke:y.ink})),c.push(f("text",{x:b+
r+S,y:i+8},"Upright line: chance."))}return s&&
c.push(f("text",{x:b,y:i+j.ticks+S},s)),
{drawn:c,width:b+r+S+110,bottom:i+j.ticks+
(s?2:1)*S}}function ue(n,t){return Array.
from(n.tHead?.querySelectorAll("th")??[],
({textContent:s})=>s??"").map((s,i)=>{let o=b+
(i+.5)*E.width;return f("text",{x:o,y:t+
9,"text-anchor":"middle"},s)})}var fe=(n,t)=>f(
"text",{x:b-5,y:t+11,"text-anchor":"end"},
n);function me({style:n,text:t},e,s,i){let{
fill:o,ink:r}=e.get(n),a=f("rect",{x:s,y:i,
width:E.width-1,height:E.height-1,fill:o});
if(!t)return[a];let c={x:s+E.width/2,y:i+
11,"text-anchor":"middle",fill:r};return[
a,f("text",c,t)]}function R(n){let t=C(u(
"canvas"),{read:!0});t.fillStyle=n,t.fillRect(
0,0,1,1);let[e,s,i]=t.getImageData(0,0,1,
1).data;return yt(e<<16|s<<8|i)}var vt="headatlas-sink";function Et(){try{
let n=localStorage.getItem(vt);return n===
"hide"||n==="show"?n:""}catch{return""}}
function Ct(n){try{localStorage.setItem(
vt,n?"hide":"show")}catch{}}var Lt=-1,K=class{#e=null;#t=Lt;constructor(){
this.data=et("mosaic-data"),this.plate=A(
"[data-slug]"),this.form=A("form.control\
s"),this.mosaic=new z(p(HTMLTableElement,
"[data-mosaic]"),this.data.labels),this.
headMap=D.of(this.data.dots,this.mosaic),
this.files=ct(String(this.plate.dataset.
slug),"data"),this.thumbnails=p(HTMLAnchorElement,
"[data-pattern]"),this.keys=p(HTMLAnchorElement,
"[data-label]"),this.legend=A("[data-sco\
re-legend]"),this.readout=A("#mosaic-rea\
dout"),this.caption=A("[data-caption]"),
this.hint=Array.from(this.readout.childNodes),
this.labelCaption=Array.from(this.caption.
childNodes),this.painted=this.data.chosen||
this.mosaic.drawn?"":this.#b("")}start(){
this.mosaic.heads.length&&(this.headMap?.
start(),this.#h(),addEventListener("page\
show",()=>this.#h()),this.#d(),this.#m(),
this.#p(),this.mosaic.listen(t=>this.#A(
t),()=>this.#x()),O.onChange(()=>{this.#l()}),
this.#l().then(()=>this.#s()))}#s(){Et()!==
"hide"||this.#n().checked||(this.#n().checked=
!0,this.#f(),this.#r({step:!1}))}#n(){return V(
this.form,"sink")}#h(){let{heads:t}=this.
mosaic;for(let e of p(HTMLAnchorElement,
"[data-random]"))e.href=t[Math.floor(Math.
random()*t.length)].href}#d(){this.form.
addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",async t=>{
t.target===this.#n()&&Ct(this.#n().checked),
t.target===this.#o("pattern")?await this.#a(
this.#i("pattern"),""):this.#f(),this.#r()}),
this.form.addEventListener("click",t=>{let e=t.
target instanceof HTMLElement?t.target.dataset.
save:void 0;e&&this.#M(e)})}#m(){for(let t of this.
thumbnails)_t(t,async()=>{await this.#a(
String(t.dataset.pattern),""),this.#r(),
this.plate.scrollIntoView()});for(let t of this.
keys)_t(t,()=>{let e=Number(t.dataset.label);
this.#t=e===this.#t?Lt:e,this.#f(),this.#r()})}#p(){
let t=new Map(this.mosaic.heads.map(({name:e},s)=>[
e,s]));for(let e of p(SVGSVGElement,"[da\
ta-layer]")){let s=Number(e.dataset.heads),
i=f("title");e.append(i);let o=r=>{let{left:a,
width:c}=e.getBoundingClientRect();return t.
get(`${e.dataset.layer}H${Math.floor((r.
clientX-a)/c*s)}`)};e.addEventListener("\
pointermove",r=>{let a=o(r);a!==void 0&&
(i.textContent=`${this.mosaic.heads[a].name}\
 ${this.mosaic.claimsInWords(a)}`)}),e.addEventListener(
"click",r=>{let a=o(r);a!==void 0&&(location.
href=this.mosaic.heads[a].href)})}}#o(t){
return V(this.form,t)}#i(t){return this.#o(
t).value}#l(){let{pattern:t,probe:e,value:s,
scale:i,label:o}=O.read();this.#n().checked=
s==="sinkfree",this.#o("scale").value=i,
this.#t=this.data.labels.findIndex(({text:a})=>a===
P(o));let r=Object.hasOwn(this.data.files,
t)||Object.hasOwn(this.data.evidence,t);
return this.#a(r?t:this.data.chosen,e)}#r(t){
let e=this.#t<0?"":this.data.labels[this.#t].
text.replaceAll(" ","_"),s=this.#n().checked?
"sinkfree":"score";if(!this.#e)return O.
write({value:s,label:e},"",t);let i=this.#i(
"scale")==="fit"?"fit":"full";return O.write(
{pattern:this.#e.name,probe:this.#i("pro\
be"),value:s,scale:i,label:e},"",t)}async#a(t,e){
this.#o("pattern").value=t;let s=t?await this.#g(
t):null;this.#i("pattern")===t&&(this.#e=
s,s&&this.#u(Object.keys(s.probes),e),this.#f(),
this.plate.dataset.shown=t)}#g(t){let{evidence:e,
files:s}=this.data;return this.files.numbers(
Object.hasOwn(e,t)?e[t]:s[t])}#u(t,e){let s=this.#o(
"probe");for(let i of s.options)i.disabled=
!t.includes(i.value);s.value=t.includes(
e)?e:t[0]}#c(t){let e=t.probes[this.#i("\
probe")],s=this.#n().checked&&!t.against,
i=s?e.sinkfree:e.score,o=i.filter(c=>c!==
null),r=this.#i("scale")==="fit"&&o.length>
0,a=e.fit??Math.max(...o,1)/1e3;return{...e,
values:i,sinkFree:s,top:r?a:e.top}}#b(t){
return[t,this.#n().checked,this.#i("scal\
e"),this.#t].join(" ")}#f(){let t=this.#e;
for(let e of this.form.querySelectorAll(
"[data-of-scores]"))e.toggleAttribute("h\
idden",!t||ge(e,t));A("[data-sink-choice\
]",this.form).hidden=!!t?.against,this.legend.
hidden=!t;for(let e of document.querySelectorAll(
"[data-sink]"))e.toggleAttribute("hidden",
e.getAttribute("data-sink")==="aside"!==
this.#n().checked);for(let e of[this.legend,
...this.mosaic.grids.map(({table:s})=>s)])
e.className=e.className.replace(/\s*\bf-[a-z-]+/,
""),t&&e.classList.add(t.hue);this.#y(),
X(this.keys,e=>Number(e.dataset.label)===
this.#t),X(this.thumbnails,e=>e.dataset.
pattern===t?.name),this.headMap?.filter(
this.#t),t?this.#k(t):this.caption.replaceChildren(
...this.labelCaption),this.#x()}#y(){let t=this.#e,
e=this.#b(t?`${t.name} ${this.#i("probe")}`:
"");if(e===this.painted)return;if(this.painted=
e,!t)return this.mosaic.paintLabels(this.#t,
this.#n().checked);let{values:s,top:i}=this.#c(
t);return this.mosaic.paintScores(s,i,this.#t,
t.against)}#k(t){let{top:e,chance:s,sinkFree:i}=this.#c(
t);document.querySelectorAll("[data-tick\
s] li").forEach((h,m)=>{h.textContent=String(
Number((e*m/4).toPrecision(3)))});let o=s===
null?"":`M${(Math.min(s/e,1)*100).toFixed(
2)} 0V6`;document.querySelector("[data-c\
hance-mark]")?.setAttribute("d",o);let r=this.#w()+
(i?", sink-free":""),a="Rows are layers,\
 columns are heads; each cell is a head'\
s score and leads to the head.";if(t.against){
let h="The other hue is below zero; beyo\
nd the end of the scale cells are as ful\
l as there.",m=L(N(t),"../methods.html#e\
vidence");this.caption.replaceChildren(m,
`${r}, ${t.unit}. ${a} ${h}`);return}let c=L(
N(t),`../patterns/${this.data.files[t.name]}\
.html`);this.caption.replaceChildren(c,`${r}\
. ${a}${s===null?"":" The mark under the\
 scale is chance: what evenly spread att\
ention scores."}`)}#w(){let t=this.#i("p\
robe");return t?` on ${P(t)}`:""}#x(){let t=this.#e,
e=this.data.labels[this.#t];t?this.readout.
replaceChildren(u("b",N(t)),": ",pe(t)):
e?this.readout.replaceChildren(u("b",e.text),
`: ${e.summary}`):this.readout.replaceChildren(
...this.hint)}#A(t){let{name:e}=this.mosaic.
heads[t];this.headMap?.show(e);let s=this.#e?
this.#$(this.#e,t):this.mosaic.claimsInWords(
t);this.readout.replaceChildren(u("b",e),
` ${s}`)}#$(t,e){let{score:s,sinkfree:i,
chance:o,top:r}=this.#c(t),a=h=>h===null?
null:h/1e3;if(t.against)return`${N(t)}${this.#w()}\
 ${F(a(s[e]))} ${t.unit}`;let c=r>1?` ${t.
unit}`:"",l=[`${N(t)} ${F(a(s[e]))}${c}`,
`sink-free ${i[e]===null?"none":F(a(i[e]))}`];
return o!==null&&l.push(`chance ${F(o)}`),
l.join(" · ")}#M(t){let e=this.#e,s=e&&
this.#c(e).sinkFree?", sink-free":"",i=this.#t<
0?"labels":this.data.labels[this.#t].text,
o=e?`${N(e)}${this.#w()}${s}`:i,r=`${document.
querySelector("h1")?.textContent}: ${o}`;
mt(Mt(this.mosaic,r,this.#S()),r,t)}#S(){
let t=this.#e;if(!t)return{labels:this.keys.
filter((i,o)=>this.#t<0||o===this.#t)};let{
top:e,chance:s}=this.#c(t);return{steps:p(
HTMLElement,".legend-steps span",this.legend),
ticks:p(HTMLElement,"[data-ticks] li",this.
legend).map(i=>i.textContent??""),chance:s===
null?null:Math.min(s/e,1),said:t.against?
`${t.unit}; the other hue: below zero`:""}}},
N=n=>n.title??P(n.name);function pe({summary:n}){
let t=u("span",n.split(/(?<=\.) /)[0].replaceAll(
"`",""));return t.title=n.replaceAll("`",
""),t}function ge(n,t){return!!t.against&&
""in t.probes&&n.matches(":has([name=pro\
be])")}function _t(n,t){n.addEventListener(
"click",e=>{_(e)||e.shiftKey||(e.preventDefault(),
t())})}st();new K().start();})();
