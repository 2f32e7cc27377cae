// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(s,t="",e=""){let n=document.createElement(
s);return n.textContent=t,e&&(n.className=
e),n}function f(s,t={},e=""){let n=document.
createElementNS("http://www.w3.org/2000/\
svg",s);for(let[i,o]of Object.entries(t))
n.setAttribute(i,String(o));return e&&(n.
textContent=e),n}function C(s,{read:t=!1}={}){
return s.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function L(s,t){let e=u("a",s);return e.
href=t,e}function A(s,t=document){return t.querySelector(
s)}function p(s,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(n=>n instanceof
s)}function V(s,t){return s.elements.namedItem(
t)}function X(s,t){for(let e of s)t(e)?e.
setAttribute("aria-current","true"):e.removeAttribute(
"aria-current")}var _=s=>s.altKey||s.ctrlKey||
s.metaKey;function nt(s){return JSON.parse(
document.getElementById(s)?.textContent??
"null")}function it(){for(let s of document.
querySelectorAll("[data-needs-script]"))
s.removeAttribute("hidden")}function T(...s){return{read:t=>s.find(e=>e===
t)??s[0],write:t=>t===s[0]?"":t}}var d={
read:s=>s??"",write:s=>s},I={read:s=>/^\d+$/.
test(s??"")?Number(s):-1,write:s=>s<0?"":
String(s)},_t={read:s=>({column:(s||"hea\
d").replace(/^-/,""),down:s?.startsWith(
"-")??!1}),write:({column:s,down:t})=>s===
"head"&&!t?"":(t?"-":"")+s},Tt={read:s=>s?
s.split(","):null,write:s=>s?s.join()||"\
none":""},It={read:s=>(s??"").split(",").
filter(Boolean).map(Nt),write:s=>s.map(({
column:t,least:e,most:n})=>`${t}:${e??""}\
:${n??""}`).join()};function Nt(s){let t=s.
split(":"),[e,n]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:n?Number(n):void 0}}var x=class{constructor(t){
this.fields=t}read(){let{choices:t}=ot(),
e=Object.entries(this.fields).map(([n,i])=>[
n,i.read(t.get(n))]);return Object.fromEntries(
e)}format(t,e=""){let n=new URLSearchParams;
for(let[i,o]of Object.entries(this.fields)){
let r=i in t?o.write(t[i]):"";r&&n.set(i,
r)}return[e,String(n).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:n=!0}={}){let i=this.format(t,e);if(location.
hash===(i&&`#${i}`))return;let o=n?history.
pushState:history.replaceState;try{o.call(
history,null,"",i?`#${i}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!Ot())&&
t()})}};function ot(){let s=location.hash.
slice(1),[t,...e]=s.split("&"),n=t.includes(
"=")?"":t;return{anchor:n,choices:new URLSearchParams(
n?e.join("&"):s)}}function Ot(){let{anchor:s}=ot(),
t=Number(s.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(s)?s:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??s}var rt={view:T("matrix","t\
ext","arcs"),direction:T("to","from"),scale:T(
"linear","root"),sink:T("","show","hide"),
row:I,column:I},xe=new x(rt),ye=new x({a:d,
b:d,text:d,...rt}),O=new x({pattern:d,probe:d,
value:T("score","sinkfree"),scale:T("ful\
l","fit"),label:d}),ke=new x({text:d,label:d,
probe:d,from:d,to:d,sort:_t,columns:Tt,range:It,
page:I}),Ae=new x({x:d,y:d}),$e=new x({by:d,
through:d,from:d,to:d,head:d,least:I}),Me=new x(
{a:d,b:d,pattern:d}),Se=new x({picture:d,
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
scale_room:56};async function Ht(s){let t=new Uint16Array(
s.length),e=0;for(let o=1;o<s.length;o++){
let r=s.charCodeAt(o);t[e++]=r===57344?s.
charCodeAt(++o)^32768:r}let n=new Uint8Array(
t.buffer,0,2*e-Number(s[0])),i=new Blob(
[n]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
i).arrayBuffer())}async function at(s){let t=await Ht(
s),e=4+new DataView(t.buffer).getUint32(
0,!0),[n,i,o]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),r=i*o,a=new Float64Array(
r);for(let l=t.length;l>e;l-=r||l)for(let h=0;h<
r;h++)a[h]=256*a[h]+t[l-r+h];let c=Array.
from({length:o},(l,h)=>Array.from(a.subarray(
h*i,(h+1)*i),jt));return{facts:n,columns:c}}
var jt=s=>s===0?null:s%2?(s-1)/2:-s/2;function ct(s,t){return{heads:()=>Z(`${s}\
 heads`,`${t}/heads.js`,Bt),numbers:e=>Z(
`${s} ${e}`,`${t}/${e.split("#")[0]}.js`,
Pt),circuits:()=>Rt(`${s} circuits`,`${t}\
/circuits.js`)}}var Y=new Map;function Z(s,t,e){
let n=async()=>{let{facts:o,columns:r}=await at(
await qt(s,t));return e(o,r)},i=Y.get(s)??
n();return Y.set(s,i),i.catch(()=>Y.delete(
s)),i}var Rt=(s,t)=>Z(s,t,e=>e);function Bt(s,t){
return Object.values(s.patterns).forEach(
(e,n)=>{e.score=t[n]}),s}function Pt(s,t){
let e=s.against?1:2;return Object.values(
s.probes).forEach((n,i)=>{let[o,r]=t.slice(
i*e,(i+1)*e);n.score=o,n.sinkfree=r?.map(
(a,c)=>a===null?null:a+(o[c]??0))??[]}),
s}var J=new Map,Dt=s=>new Promise((t,e)=>{
let n=document.createElement("script");n.
src=s,n.onload=()=>t(),n.onerror=()=>e(new Error(
`${s} could not be loaded`)),document.head.
append(n)});async function qt(s,t){if(!(window.
headatlas?.data&&s in window.headatlas.data)){
let e=J.get(t)??Dt(t);J.set(t,e),await e.
finally(()=>J.delete(t))}return window.headatlas.
data[s]}function Q(s,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(s),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var P=s=>s.replaceAll("_"," ");function F(s){
return s==null?"–":s.toFixed(Math.abs(
s)<10?3:1)}function tt(s){return s===null?"–":Math.
abs(s)>=9.95?s.toFixed(0):Math.abs(s)>1?
s.toFixed(1):s.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var lt=s=>s.replace(/[^\p{L}\p{N}.]+/gu,
"-");var Gt=3,zt=8e3;function ht(s,t){let e=f("svg",{"font-fa\
mily":y.font,"font-size":t,fill:y.ink}),
{title_x:n,title_y:i,title_size:o,title_weight:r}=y;
return e.append(f("text",{x:n,y:i,"font-\
size":o,"font-weight":r},s)),e}var dt=s=>y.
title_x+y.title_letter_width*Array.from(
s).length;function ut(s,t,e){return s.setAttribute(
"viewBox",`0 0 ${t} ${e}`),s.setAttribute(
"width",String(t)),s.setAttribute("heigh\
t",String(e)),s.prepend(f("rect",{width:t,
height:e,fill:y.paper})),s}async function ft(s,t,e){
let n=new XMLSerializer().serializeToString(
s),i=`${lt(t)}.${e}`;return e==="svg"?Q(
new Blob([n],{type:"image/svg+xml"}),i):
(await Ut(n,Number(s.getAttribute("width")),
Number(s.getAttribute("height")))).toBlob(
r=>r&&Q(r,i))}async function Ut(s,t,e){let n=new Image;
n.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(
s)}`,await n.decode();let i=u("canvas"),
o=Math.min(Gt,zt/Math.max(t,e));return[i.
width,i.height]=[Math.round(t*o),Math.round(
e*o)],C(i).drawImage(n,0,0,i.width,i.height),
i}var mt=600,Wt=14,D=class s{#e;static of(t,e){
let[n]=p(SVGSVGElement,".head-map");return n?
new s(n,t,e):null}constructor(t,e,n){this.
map=t,this.here=t.querySelector(".here"),
this.readout=A("#map-readout"),this.hint=
Array.from(this.readout.childNodes),this.
places=e,this.mosaic=n,this.positions=new Map(
n.heads.map(({name:i},o)=>[i,o]))}get dots(){
return this.#e??=Object.entries(this.places).
map(Kt),this.#e}start(){this.map.addEventListener(
"pointermove",t=>this.#t(this.#s(t)?.name)),
this.map.addEventListener("pointerleave",
()=>this.#t(void 0)),this.map.addEventListener(
"click",t=>{let e=this.#s(t);e&&(location.
href=`heads/${e.name}.html`)})}show(t){let e=this.
dots.find(n=>n.name===t);this.here.toggleAttribute(
"hidden",!e),this.map.classList.toggle("\
pointing",!!e),e&&(this.here.setAttribute(
"cx",String(e.x)),this.here.setAttribute(
"cy",String(e.y)))}filter(t){for(let e of this.
map.querySelectorAll("[data-dots]"))e.classList.
toggle("dim",t>=0&&e.getAttribute("data-\
dots")!==String(t))}#t(t){this.show(t);let e=this.
positions.get(t??"")??-1;if(this.mosaic.
point(e),t===void 0)return this.readout.
replaceChildren(...this.hint);let n=this.
mosaic.cells[e]?.said??"";return this.readout.
replaceChildren(u("b",t),` ${n.replace(/^\S+ ?/,
"")}`)}#s(t){let e=this.map.getBoundingClientRect(),
n=(t.clientX-e.left)/e.width*mt,i=(t.clientY-
e.top)/e.height*mt,[o,r]=[void 0,Wt];for(let a of this.
dots){let c=Math.hypot(a.x-n,a.y-i);c<r&&
([o,r]=[a,c])}return o}};function Kt([s,
t]){let[e,n]=t.split(" ").map(Number);return{
name:s,x:e,y:n}}function q(s,t){let e=Array.from(new Set(
t),a=>u("a","",a)),n=u("tbody");n.hidden=
!0;let i=u("td");i.append(...e);let o=u(
"tr");o.append(i),n.append(o),s.append(n);
let r=e.map(a=>{let{backgroundColor:c,color:l}=getComputedStyle(
a);return[a.className,{fill:c,ink:l}]});
return n.remove(),new Map(r)}var pt=s=>Array.from({length:256},(t,e)=>Number.
parseInt(s.slice(6*e,6*e+6),16)),Vt=pt(window.
headatlas.light),De=pt(window.headatlas.
dark),qe=new Map(Vt.map((s,t)=>[s,t])),Xt=matchMedia(
"(prefers-color-scheme: dark)"),gt=[],Yt=!1;var wt=s=>gt.push(s);function bt(){for(let s of gt)
s()}Xt.addEventListener("change",bt);for(let[
s,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(s,()=>{Yt=t,bt()});
var xt=s=>`#${s.toString(16).padStart(6,
"0")}`;function et(s,[t,e],n){let i=n.length-1,
o={ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[i,e]};if(!Object.
hasOwn(o,s))return;let r=Math.min(Math.max(
o[s][0],0),i);return[r,Math.min(Math.max(
o[s][1],0),n[r]-1)]}function yt(s,t,e,n=t[0],i=void 0){
let o=n;for(let a of t)a.tabIndex=a===o?
0:-1;let r=a=>{o&&(o.tabIndex=-1),o=a,o.
tabIndex=0};s.addEventListener("focusin",
({target:a})=>{let c=t.find(l=>l===a);c&&
r(c)},{signal:i}),s.addEventListener("ke\
ydown",a=>{let c=a.target;if(_(a)||!t.includes(
c))return;let l=e(),h=l.findIndex(k=>k.includes(
c)),m=l.map(k=>k.length),g=h<0?void 0:et(
a.key,[h,l[h].indexOf(c)],m),w=g&&l[g[0]][g[1]];
!w||w===c||(a.preventDefault(),w.focus())},
{signal:i})}var G=class{constructor(t){this.table=t,
this.links=p(HTMLAnchorElement,"td a",t),
this.heads=this.links.map(e=>({name:e.getAttribute(
"href").replace(/^heads\/|\.html$/g,""),
href:e.href,claims:st(e.dataset.labels),
said:e.getAttribute("aria-label")})),this.
lettered=!t.classList.contains("wide")}get rows(){
return Array.from(this.table.tBodies[0].
rows,t=>({name:t.cells[0].textContent?.trim()??
"",n:t.querySelectorAll("td a").length}))}show(t){
t.forEach(({style:e,text:n,said:i},o)=>{
let r=this.links[o];r.className=e,this.lettered&&
(r.textContent=n),r.setAttribute("aria-l\
abel",i)})}point(t){this.table.querySelector(
".pointed")?.classList.remove("pointed"),
this.links[t]?.classList.add("pointed")}listen(t,e){
let n=o=>{let r=this.links.indexOf(o.target);
r>=0&&t(r)},i=Array.from(this.table.tBodies[0].
rows,o=>p(HTMLAnchorElement,"a",o));yt(this.
table,i.flat(),()=>i,this.links[0]),this.
table.addEventListener("focusin",n),this.
table.addEventListener("pointerover",n),
this.table.addEventListener("pointerleav\
e",e)}};function st(s){return(s??"").split(
" ").filter(Boolean).map(e=>e.split(":").
map(Number))}var v=1,kt={width:22,height:12},H=class{#e=[
0,1];#t=null;#s=[];#n=-1;#h="";constructor(t){
this.table=t,this.rows=Jt(t),this.heads=
this.rows.flatMap(Zt),this.columns=Math.
max(...this.rows.map(({n:e})=>e)),this.canvas=
u("canvas"),this.canvas.setAttribute("ar\
ia-hidden","true"),this.under=L("",""),this.
under.tabIndex=-1,this.under.setAttribute(
"aria-hidden","true"),this.mark=u("span",
"","pointed"),t.parentElement?.querySelector(
"img")?.replaceWith(this.canvas),new ResizeObserver(
()=>{let{clientWidth:e,clientHeight:n}=this.
canvas;this.#h!==`${e} ${n}`&&this.#d()}).
observe(this.canvas),wt(()=>this.#d())}show(t){
this.#s=t,this.#d();let e=this.#r(this.#e);
this.#t&&e>=0&&(this.#t.ariaLabel=t[e].said)}#d(){
let{clientWidth:t,clientHeight:e}=this.canvas;
if(!(t&&this.#s.length))return;this.#h=`${t}\
 ${e}`;let n=devicePixelRatio;[this.canvas.
width,this.canvas.height]=[Math.round(t*
n),Math.round(e*n)];let i=C(this.canvas),
o=this.#m(),r=q(this.table,o.keys()),a=t/
this.columns>=kt.width&&e/this.rows.length>=
kt.height;a&&this.#p(i,n);let c={x:At(this.
columns,t,n),y:At(this.rows.length,e,n)};
for(let[l,h]of o){let{fill:m,ink:g}=r.get(
l),w=h.map(([$,B])=>[c.x[$][0],c.y[B][0],
c.x[$][1],c.y[B][1]]);if(te(i,m,w),l==="\
none")for(let $ of w)Qt(i,g,$);let k=a?h.
map(([,,$])=>this.#s[$].text):[];ee(i,g,
k,w)}}#m(){let t=new Map;for(let[e,{first:n,
n:i}]of this.rows.entries())for(let o=0;o<
i;o++){let{style:r}=this.#s[n+o],a=t.get(
r);a?a.push([o,e,n+o]):t.set(r,[[o,e,n+o]])}
return t}#p(t,e){let{fontSize:n,fontFamily:i}=getComputedStyle(
this.table);t.font=`${Number.parseFloat(
n)*e}px ${i}`,[t.textAlign,t.textBaseline]=
["center","middle"]}point(t){t<0?this.mark.
remove():this.#l(this.mark,t)}listen(t,e){
for(let{link:n}of this.rows)n.tabIndex=-1;
this.table.setAttribute("role","grid"),this.
table.ariaColCount=String(this.columns+1),
this.#a(this.#e),this.table.addEventListener(
"keydown",n=>this.#g(n)),this.table.addEventListener(
"focusin",({target:n})=>this.#c(n,t)),this.
table.addEventListener("pointermove",n=>{
let i=this.#i(n);i!==this.#n&&this.#o(i,
t)}),this.table.addEventListener("pointe\
rleave",()=>{this.#o(-1,t),e()}),this.table.
addEventListener("click",n=>{let i=this.#i(
n);i>=0&&!(n.target instanceof HTMLAnchorElement)&&
(location.href=this.heads[i].href)})}#o(t,e){
return this.#n=t,t<0?this.under.remove():
(this.under.href=this.heads[t].href,this.#l(
this.under,t),e(t))}#i({clientX:t,clientY:e}){
let n=this.canvas.getBoundingClientRect(),
i=Math.floor((e-n.top)/(n.height+v)*this.
rows.length),o=Math.floor((t-n.left)/(n.
width+v)*this.columns),r=this.rows[i];return r&&
o>=0&&o<r.n?r.first+o:-1}#l(t,e){let n=this.
rows.find(({first:i,n:o})=>e>=i&&e<i+o);
t.style.left=`calc((100% + ${v}px) * ${(e-
n.first)/this.columns})`,t.style.width=`\
calc((100% + ${v}px) / ${this.columns} -\
 ${v}px)`,n.room?.append(t)}#r([t,e]){return e>
0&&e<=this.rows[t].n?this.rows[t].first+
e-1:-1}#a(t){let e=this.#r(t),n=this.#t;
if(this.#e=t,this.#t=e<0?this.rows[t[0]].
link:L("",this.heads[e].href),this.#t.tabIndex=
0,e>=0){this.#t.ariaLabel=this.#s[e]?.said??
this.heads[e].name;let i=this.rows[t[0]].
room;i.ariaColIndex=String(t[1]+1),this.#l(
this.#t,e)}return n===this.#t?null:n}#g(t){
let e=this.rows.map(({n:o})=>o+1),n=_(t)?
void 0:et(t.key,this.#e,e);if(!n)return;
t.preventDefault();let i=this.#a(n);this.#t?.
focus(),i&&this.#u(i)}#u(t){t.closest("t\
h")?t.tabIndex=-1:t.remove()}#c(t,e){let n=this.
rows.findIndex(({link:o})=>o===t);if(n>=
0&&t!==this.#t){let o=this.#a([n,0]);o&&
this.#u(o)}let i=this.#r(this.#e);t===this.#t&&
i>=0&&e(i)}};function Jt(s){let t=0;return Array.
from(s.tBodies[0].rows,e=>{let[n]=p(HTMLAnchorElement,
"th a",e),[i=null]=p(HTMLTableCellElement,
"td[data-heads]",e),o=Number(i?.dataset.
heads??0);return t+=o,{name:n.textContent??
"",link:n,room:i,first:t-o,n:o}})}function Zt({
name:s,room:t,n:e}){let n=(t?.dataset.labels??
"").split(";");return Array.from({length:e},
(i,o)=>{let r=`${s}H${o}`;return{name:r,
href:`heads/${r}.html`,claims:st(n[o]),said:null}})}
function At(s,t,e){let n=Math.max(1,Math.
round(v*e)),i=(t+v)*e/s;return Array.from(
{length:s},(o,r)=>[Math.round(r*i),Math.
round((r+1)*i)-n])}function Qt(s,t,[e,n,
i,o]){s.strokeStyle=t,s.beginPath(),s.moveTo(
e,o),s.lineTo(i,n),s.stroke()}function te(s,t,e){
s.fillStyle=t;for(let[n,i,o,r]of e)s.fillRect(
n,i,o-n,r-i)}function ee(s,t,e,n){s.fillStyle=
t;for(let[i,o]of e.entries()){let[r,a,c,
l]=n[i];s.fillText(o,(r+c)/2,(a+l)/2)}}var se=100,z=class{constructor(t,e){this.
labels=e,this.grids=t.map(n=>n.dataset.mosaic===
"drawn"?new H(n):new G(n)),this.heads=this.
grids.flatMap(n=>n.heads),this.drawn=this.
grids.some(n=>n instanceof H),this.cells=
this.#e(-1,!1)}paintLabels(t,e){this.#s(
this.#e(t,e))}#e(t,e){let n=([i])=>t<0?!(e&&
this.labels[i].rests):i===t;return this.
heads.map(i=>{let o=i.claims.find(n);return{
style:o?`${this.labels[o[0]].hue} v${o[1]}`:
"v0",text:o?this.labels[o[0]].code:"",said:i.
said??this.#t(i)}})}#t({name:t,claims:[e]}){
return e?`${t}, ${this.labels[e[0]].text}\
 ${tt(e[1]/100)}`:`${t}, no label`}paintScores(t,e,n,i=""){
this.#s(this.heads.map(({name:o,claims:r},a)=>{
let c=t[a]??null,l=c===null?null:c/1e3,h=tt(
l),m=`${o} ${h}`,g=ne(l===null?null:l/e,
i);return l!==null&&n>=0&&!r.some(([k])=>k===
n)?{style:`${g} dim`,text:"",said:m}:{style:g,
text:h,said:m}}))}#s(t){this.cells=t;let e=0;
for(let n of this.grids)n.show(t.slice(e,
e+n.heads.length)),e+=n.heads.length}point(t){
let e=0;for(let n of this.grids)n.point(
t>=e&&t<e+n.heads.length?t-e:-1),e+=n.heads.
length}claimsInWords(t){return this.heads[t].
claims.map(([n,i])=>`${this.labels[n].text}\
 ${(i/100).toFixed(2)}`).join(" · ")||"\
no label"}listen(t,e){let n=0;for(let i of this.
grids){let o=n;i.listen(r=>t(o+r),e),n+=
i.heads.length}}};function ne(s,t){if(s===
null)return"none";let e=t?Math.abs(s):Math.
max(s,0);return`${s<0?t:""} v${Math.round(
se*Math.min(e,1))}`.trim()}var ie=9,E={width:26,height:16},b=36,U=28,
W=13,S=14,oe=200,re=6,j={width:160,height:9,
ticks:19},M={width:155,height:15,swatch:20},
ae=12;function $t(s,t,e){let n=document.
documentElement;n.classList.add("paper");
try{return ce(s,t,e)}finally{n.classList.
remove("paper")}}function ce({grids:s,cells:t},e,n){
let i=ht(e,ie),[o,r,a]=[U,oe,0];for(let{
table:l,rows:h}of s){i.append(...fe(l,o)),
o+=W;let m=le(l,t.map(({style:g})=>g));for(let{
name:g,n:w}of h){let k=t.slice(a,a+w);a+=
w,i.append(me(g,o),...k.flatMap(($,B)=>pe(
$,m,b+B*E.width,o))),r=Math.max(r,b+w*E.
width+re),o+=E.height}o+=S}let c="labels"in
n?he(n.labels,t,r+S,o):ue(n,o);return i.
append(...c.drawn),ut(i,Math.max(c.width,
r,dt(e)+y.right_margin),c.bottom)}function le(s,t){
let e=[...q(s,t)];return new Map(e.map(([
n,{fill:i,ink:o}])=>[n,{fill:R(i),ink:R(
o)}]))}function he(s,t,e,n){let i=new Set(
t.map(({text:l})=>l)),o=s.filter(l=>i.has(
Mt(l.querySelector(".code")))),r=Math.max(
ae,Math.floor((n-U-W)/M.height)),a=o.flatMap(
(l,h)=>{let m=e+Math.floor(h/r)*M.width;
return de(l,m,U+W+h%r*M.height)}),c=Math.
max(n,U+W+Math.min(r,o.length)*M.height)+
S;return a.push(f("text",{x:b,y:c},"The \
fuller a cell, the stronger its label.")),
{drawn:a,width:e+Math.ceil(o.length/r)*M.
width,bottom:c+S}}var Mt=s=>s?.textContent??
"";function de(s,t,e){let n=s.querySelector(
".code"),{backgroundColor:i,color:o}=getComputedStyle(
n),r=Array.from(s.childNodes,c=>c instanceof
Text?c.data.trim():"").join(""),a={x:t+M.
swatch/2,y:e+9,"text-anchor":"middle",fill:R(
o)};return[f("rect",{x:t,y:e,width:M.swatch,
height:12,fill:R(i)}),f("text",a,Mt(n)),
f("text",{x:t+M.swatch+5,y:e+9},r)]}function ue({
steps:s,ticks:t,chance:e,said:n},i){let[
o,{width:r,height:a}]=[j.width/s.length,
j],c=s.map((l,h)=>{let m=R(getComputedStyle(
l).backgroundColor);return f("rect",{x:b+
h*o,y:i,width:o+.2,height:a,fill:m})});if(t.
forEach((l,h)=>{let m=b+r*h/(t.length-1);
c.push(f("text",{x:m,y:i+j.ticks,"text-a\
nchor":"middle"},l))}),e!==null){let l=b+
r*e;c.push(f("path",{d:`M${l} ${i-3}V${i+
a+3}`,stroke:y.ink})),c.push(f("text",{x:b+
r+S,y:i+8},"Upright line: chance."))}return n&&
c.push(f("text",{x:b,y:i+j.ticks+S},n)),
{drawn:c,width:b+r+S+110,bottom:i+j.ticks+
(n?2:1)*S}}function fe(s,t){return Array.
from(s.tHead?.querySelectorAll("th")??[],
({textContent:n})=>n??"").map((n,i)=>{let o=b+
(i+.5)*E.width;return f("text",{x:o,y:t+
9,"text-anchor":"middle"},n)})}var me=(s,t)=>f(
"text",{x:b-5,y:t+11,"text-anchor":"end"},
s);function pe({style:s,text:t},e,n,i){let{
fill:o,ink:r}=e.get(s),a=f("rect",{x:n,y:i,
width:E.width-1,height:E.height-1,fill:o});
if(!t)return[a];let c={x:n+E.width/2,y:i+
11,"text-anchor":"middle",fill:r};return[
a,f("text",c,t)]}function R(s){let t=C(u(
"canvas"),{read:!0});t.fillStyle=s,t.fillRect(
0,0,1,1);let[e,n,i]=t.getImageData(0,0,1,
1).data;return xt(e<<16|n<<8|i)}var St="headatlas-sink";function vt(){try{
let s=localStorage.getItem(St);return s===
"hide"||s==="show"?s:""}catch{return""}}
function Et(s){try{localStorage.setItem(
St,s?"hide":"show")}catch{}}var Ct=-1,K=class{#e=null;#t=Ct;constructor(){
this.data=nt("mosaic-data"),this.plate=A(
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
this.#l().then(()=>this.#s()))}#s(){vt()!==
"hide"||this.#n().checked||(this.#n().checked=
!0,this.#f(),this.#r({step:!1}))}#n(){return V(
this.form,"sink")}#h(){let{heads:t}=this.
mosaic;for(let e of p(HTMLAnchorElement,
"[data-random]"))e.href=t[Math.floor(Math.
random()*t.length)].href}#d(){this.form.
addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",async t=>{
t.target===this.#n()&&Et(this.#n().checked),
t.target===this.#o("pattern")?await this.#a(
this.#i("pattern"),""):this.#f(),this.#r()}),
this.form.addEventListener("click",t=>{let e=t.
target instanceof HTMLElement?t.target.dataset.
save:void 0;e&&this.#M(e)})}#m(){for(let t of this.
thumbnails)Lt(t,async()=>{await this.#a(
String(t.dataset.pattern),""),this.#r(),
this.plate.scrollIntoView()});for(let t of this.
keys)Lt(t,()=>{let e=Number(t.dataset.label);
this.#t=e===this.#t?Ct:e,this.#f(),this.#r()})}#p(){
let t=new Map(this.mosaic.heads.map(({name:e},n)=>[
e,n]));for(let e of p(SVGSVGElement,"[da\
ta-layer]")){let n=Number(e.dataset.heads),
i=f("title");e.append(i);let o=r=>{let{left:a,
width:c}=e.getBoundingClientRect();return t.
get(`${e.dataset.layer}H${Math.floor((r.
clientX-a)/c*n)}`)};e.addEventListener("\
pointermove",r=>{let a=o(r);a!==void 0&&
(i.textContent=`${this.mosaic.heads[a].name}\
 ${this.mosaic.claimsInWords(a)}`)}),e.addEventListener(
"click",r=>{let a=o(r);a!==void 0&&(location.
href=this.mosaic.heads[a].href)})}}#o(t){
return V(this.form,t)}#i(t){return this.#o(
t).value}#l(){let{pattern:t,probe:e,value:n,
scale:i,label:o}=O.read();this.#n().checked=
n==="sinkfree",this.#o("scale").value=i,
this.#t=this.data.labels.findIndex(({text:a})=>a===
P(o));let r=Object.hasOwn(this.data.files,
t)||Object.hasOwn(this.data.evidence,t);
return this.#a(r?t:this.data.chosen,e)}#r(t){
let e=this.#t<0?"":this.data.labels[this.#t].
text.replaceAll(" ","_"),n=this.#n().checked?
"sinkfree":"score";if(!this.#e)return O.
write({value:n,label:e},"",t);let i=this.#i(
"scale")==="fit"?"fit":"full";return O.write(
{pattern:this.#e.name,probe:this.#i("pro\
be"),value:n,scale:i,label:e},"",t)}async#a(t,e){
this.#o("pattern").value=t;let n=t?await this.#g(
t):null;this.#i("pattern")===t&&(this.#e=
n,n&&this.#u(Object.keys(n.probes),e),this.#f(),
this.plate.dataset.shown=t)}#g(t){let{evidence:e,
files:n}=this.data;return this.files.numbers(
Object.hasOwn(e,t)?e[t]:n[t])}#u(t,e){let n=this.#o(
"probe");for(let i of n.options)i.disabled=
!t.includes(i.value);n.value=t.includes(
e)?e:t[0]}#c(t){let e=t.probes[this.#i("\
probe")],n=this.#n().checked&&!t.against,
i=n?e.sinkfree:e.score,o=i.filter(c=>c!==
null),r=this.#i("scale")==="fit"&&o.length>
0,a=e.fit??Math.max(...o,1)/1e3;return{...e,
values:i,sinkFree:n,top:r?a:e.top}}#b(t){
return[t,this.#n().checked,this.#i("scal\
e"),this.#t].join(" ")}#f(){let t=this.#e;
for(let e of this.form.querySelectorAll(
"[data-of-scores]"))e.toggleAttribute("h\
idden",!t||we(e,t));A("[data-sink-choice\
]",this.form).hidden=!!t?.against,this.legend.
hidden=!t;for(let e of document.querySelectorAll(
"[data-sink]"))e.toggleAttribute("hidden",
e.getAttribute("data-sink")==="aside"!==
this.#n().checked);for(let e of[this.legend,
...this.mosaic.grids.map(({table:n})=>n)])
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
this.#n().checked);let{values:n,top:i}=this.#c(
t);return this.mosaic.paintScores(n,i,this.#t,
t.against)}#k(t){let{top:e,chance:n,sinkFree:i}=this.#c(
t);document.querySelectorAll("[data-tick\
s] li").forEach((h,m)=>{h.textContent=String(
Number((e*m/4).toPrecision(3)))});let o=n===
null?"":`M${(Math.min(n/e,1)*100).toFixed(
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
. ${a}${n===null?"":" The mark under the\
 scale is chance: what evenly spread att\
ention scores."}`)}#w(){let t=this.#i("p\
robe");return t?` on ${P(t)}`:""}#x(){let t=this.#e,
e=this.data.labels[this.#t];t?this.readout.
replaceChildren(u("b",N(t)),": ",ge(t)):
e?this.readout.replaceChildren(u("b",e.text),
`: ${e.summary}`):this.readout.replaceChildren(
...this.hint)}#A(t){let{name:e}=this.mosaic.
heads[t];this.headMap?.show(e);let n=this.#e?
this.#$(this.#e,t):this.mosaic.claimsInWords(
t);this.readout.replaceChildren(u("b",e),
` ${n}`)}#$(t,e){let{score:n,sinkfree:i,
chance:o,top:r}=this.#c(t),a=h=>h===null?
null:h/1e3;if(t.against)return`${N(t)}${this.#w()}\
 ${F(a(n[e]))} ${t.unit}`;let c=r>1?` ${t.
unit}`:"",l=[`${N(t)} ${F(a(n[e]))}${c}`,
`sink-free ${i[e]===null?"none":F(a(i[e]))}`];
return o!==null&&l.push(`chance ${F(o)}`),
l.join(" · ")}#M(t){let e=this.#e,n=e&&
this.#c(e).sinkFree?", sink-free":"",i=this.#t<
0?"labels":this.data.labels[this.#t].text,
o=e?`${N(e)}${this.#w()}${n}`:i,r=`${document.
querySelector("h1")?.textContent}: ${o}`;
ft($t(this.mosaic,r,this.#S()),r,t)}#S(){
let t=this.#e;if(!t)return{labels:this.keys.
filter((i,o)=>this.#t<0||o===this.#t)};let{
top:e,chance:n}=this.#c(t);return{steps:p(
HTMLElement,".legend-steps span",this.legend),
ticks:p(HTMLElement,"[data-ticks] li",this.
legend).map(i=>i.textContent??""),chance:n===
null?null:Math.min(n/e,1),said:t.against?
`${t.unit}; the other hue: below zero`:""}}},
N=s=>s.title??P(s.name);function ge({summary:s}){
let t=u("span",s.split(/(?<=\.) /)[0].replaceAll(
"`",""));return t.title=s.replaceAll("`",
""),t}function we(s,t){return!!t.against&&
""in t.probes&&s.matches(":has([name=pro\
be])")}function Lt(s,t){s.addEventListener(
"click",e=>{_(e)||e.shiftKey||(e.preventDefault(),
t())})}it();new K().start();})();
