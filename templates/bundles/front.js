// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function I(...o){return{read:t=>o.find(e=>e===
t)??o[0],write:t=>t===o[0]?"":t}}var m={
read:o=>o??"",write:o=>o},q={read:o=>/^\d+$/.
test(o??"")?Number(o):-1,write:o=>o<0?"":
String(o)},ye={read:o=>({column:(o||"hea\
d").replace(/^-/,""),down:o?.startsWith(
"-")??!1}),write:({column:o,down:t})=>o===
"head"&&!t?"":(t?"-":"")+o},ke={read:o=>o?
o.split(","):null,write:o=>o?o.join()||"\
none":""},be={read:o=>(o??"").split(",").
filter(Boolean).map(Ae),write:o=>o.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function Ae(o){let t=o.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var A=class{constructor(t){
this.fields=t}read(){let{choices:t}=yt(),
e=Object.entries(this.fields).map(([s,n])=>[
s,n.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[n,r]of Object.entries(this.fields)){
let i=n in t?r.write(t[n]):"";i&&s.set(n,
i)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let n=this.format(t,e);if(location.
hash===(n&&`#${n}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",n?`#${n}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!O())&&
t()})}};function yt(){let o=location.hash.
slice(1),[t,...e]=o.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):o)}}function O(){let{anchor:o}=yt(),
t=Number(o.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(o)?o:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??o}var kt={view:I("matrix","t\
ext","arcs"),direction:I("to","from"),scale:I(
"linear","root"),sink:I("","show","hide"),
row:q,column:q},E=new A(kt),hs=new A({a:m,
b:m,text:m,...kt}),ls=new A({pattern:m,probe:m,
value:I("score","sinkfree"),scale:I("ful\
l","fit"),label:m}),us=new A({text:m,label:m,
probe:m,from:m,to:m,sort:ye,columns:ke,range:be,
page:q}),ds=new A({x:m,y:m}),fs=new A({by:m,
through:m,from:m,to:m,head:m,least:q}),ms=new A(
{a:m,b:m,pattern:m}),ps=new A({picture:m,
head:m,step:q,word:q});function d(o,t="",e=""){let s=document.createElement(
o);return s.textContent=t,e&&(s.className=
e),s}function p(o,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",o);for(let[n,r]of Object.entries(t))
s.setAttribute(n,String(r));return e&&(s.
textContent=e),s}function y(o,{read:t=!1}={}){
return o.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function S(o,t){let e=d("span"),s=d("bdi",
o,"token");return s.translate=!1,e.append(
s,d("span",` ${t}`,"soft")),e}var k=o=>`${o}\
px`,b=(o,t)=>Math.min(t-1,Math.max(0,o));
function N(o,t=document){return t.querySelector(
o)}function T(o,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
o)}var G=o=>o.altKey||o.ctrlKey||o.metaKey;
function bt(o){return JSON.parse(document.
getElementById(o)?.textContent??"null")}
function At(){for(let o of document.querySelectorAll(
"[data-needs-script]"))o.removeAttribute(
"hidden")}var _t=o=>Array.from({length:256},(t,e)=>Number.
parseInt(o.slice(6*e,6*e+6),16)),V=_t(window.
headatlas.light),ve=_t(window.headatlas.
dark),vt=new Map(V.map((o,t)=>[o,t])),Et=matchMedia(
"(prefers-color-scheme: dark)"),Mt=[],St=!1,
ct=()=>Et.matches&&!St?ve:V,W=V,Tt=o=>Mt.
push(o);function Lt(){for(let o of Mt)o()}
Et.addEventListener("change",Lt);for(let[
o,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(o,()=>{St=t,Lt()});
var ht=o=>`#${o.toString(16).padStart(6,
"0")}`,j=(o,t)=>Math.round(255*(t?Math.sqrt(
o):o));function Y(o,t,e=ct()){let s=e[j(
Math.min(Math.max(o,0),1),t)],n=_e(s)>.179;
return{background:ht(s),color:n?"#000":"\
#fff"}}function _e(o){let[t,e,s]=at(o).map(
n=>{let r=n/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var at=o=>[16,8,0].map(t=>o>>t&
255);function $t(o){let t=vt.get(o);return t===
void 0&&(t=Ee(o),vt.set(o,t)),t}function Ee(o){
let t=at(o),e=V.map(s=>at(s).reduce((n,r,i)=>n+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}var Ct="headatlas-sink";function It(){try{
let o=localStorage.getItem(Ct);return o===
"hide"||o==="show"?o:""}catch{return""}}
function qt(o){try{localStorage.setItem(
Ct,o?"hide":"show")}catch{}}var Ot=4,ut=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#s("view")||"matrix",direction:this.#s(
"direction")||"to",scale:this.#s("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:s}=this.state();return{
view:t,direction:e,squareRoot:s==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#s(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let s of["view","\
direction","scale"]){let n=this.form?.elements.
namedItem(s);(n instanceof RadioNodeList||
n instanceof HTMLSelectElement)&&(n.value=
t[s])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),It()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,n)=>{
let r=e?(n/Ot)**2:n/Ot;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let n=this.#t();n&&s===n&&qt(n.checked),
t()}),this.form?.addEventListener("click",
s=>{let n=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;n&&e(n)})}};
function Rt(){let o=document.querySelector(
".map-controls");return o&&Me(o),new ut(
o)}function Me(o){let t=o.dataset.offers?.
split(" ")??[];t.includes("views")&&(o.append(
Pt("View","view",["matrix","text","arcs"]),
Pt("Direction","direction",["to","from"],
["looks at","is looked at by"])),o.children[1].
toggleAttribute("data-direction",!0));let e=d(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=d("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],o.append(lt("label",
"Colour scale ",e),lt("label",s," set th\
e sink aside")),t.includes("saves")&&o.append(
lt("span","Download ",Nt("svg")," ",Nt("\
png")))}function lt(o,...t){let e=d(o,"",
"control");return e.append(...t),e}function Nt(o){
let t=d("button",o.toUpperCase());return t.
type="button",t.dataset.save=o,t}function Pt(o,t,e,s=e){
let n=d("fieldset","","choice");return n.
append(d("legend",o,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[d("label"),d("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),n.append(
a)}),n}async function Ft(o,t,e){await o.decode();
let s=d("canvas");[s.width,s.height]=[e,
t];let n=y(s,{read:!0});n.drawImage(o,0,
0,e,t);let r=n.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:$t(c)}return{rows:t,columns:e,
weights:i}}function Dt({rows:o,columns:t,
weights:e,rests:s=[]}){let n=new Set([0,
...s]),r=new Int16Array(e.length);for(let i=0;i<
o;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((f,w)=>f+Math.max(w,0),0),l=c;for(let f of n)
l-=Math.max(a[f],0);let u=f=>l<3?0:Math.
round(f*c/l);r.set(a.map((f,w)=>f<0||n.has(
w)?-1:u(f)),i*t)}return{rows:o,columns:t,
weights:r}}function J(o,t,e,s=ct()){[t.width,
t.height]=[o.columns,o.rows];let n=y(t,{
read:!0}),r=n.createImageData(o.columns,
o.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,l)=>{
let u=s[j(l/255,e)];return(4278190080|(u&
255)<<16|u&65280|u>>16)>>>0});o.weights.
forEach((c,l)=>{c>=0&&(i[l]=a[Math.min(c,
255)])}),n.putImageData(r,0,0)}var z=o=>(o/
255).toFixed(3),Ht=o=>o<0?null:o/255;function Q({
columns:o,weights:t},e){return Array.from(
t.subarray(e*o,(e+1)*o),Ht)}function Bt({
rows:o,columns:t,weights:e},s){return Array.
from({length:o},(n,r)=>Ht(e[r*t+s]))}var Se=5,Te=.02,g=130,M=260,P=2*g+M,dt=4,
Le=8e3,Wt=15,$e='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',Z=class{constructor(t,e,s){
this.rows=t,this.columns=e;let n=Math.max(
t.length,e.length);this.pitch=ft(n),this.
height=n*this.pitch+2*dt,this.ratio=Math.
min(devicePixelRatio||1,Le/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=d("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
P*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[k(P),`${P} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#s(e);s>=0&&t.pin(s)})}#s(t){let e=P/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-dt)/this.pitch);return t.offsetX*
e>P/2?[-1,b(s,this.columns.length)]:[b(s,
this.rows.length),-1]}draw(t,e,s,n){let r=y(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,P,this.
height),r.strokeStyle=jt("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of pt(
t,e,s))r.globalAlpha=tt(i.weight,n),this.#o(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#a(r,e,s)}#o(t,e,s){let[n,r,i]=[
g,g+M,g+M/2],[a,c]=[this.#r(e),this.#r(s)];
t.beginPath(),t.moveTo(n,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return dt+
(t+.5)*this.pitch}#a(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${$e}`,t.textBaseline=
"middle",t.textAlign="right",this.#i(t,this.
rows,g-6,e),t.textAlign="left",this.#i(t,
this.columns,g+M+6,s)}#i(t,e,s,n){let[r,
i]=[getComputedStyle(document.body).color,
jt("--soft")];e.forEach((a,c)=>{t.fillStyle=
n<0||n===c?r:i,t.fillText(mt(a),s,this.#r(
c),g-8)})}};function ft(o){return o<=60?
19:o<=200?12:Math.max(2,Math.floor(3e3/o))}
function mt(o){return o.length>Wt?`${o.slice(
0,Wt-1)}…`:o}var tt=(o,t)=>Math.min(t?
Math.sqrt(o):o,1);function pt(o,t,e){return(t>=
0?[t]:Array.from({length:o.rows},(n,r)=>r)).
flatMap(n=>Ce(o,n,t>=0,e).map(([r,i])=>({
query:n,key:i,weight:r})))}function Ce(o,t,e,s){
let n=Q(o,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>Te);return e?n:s>=0?n.filter(([
,r])=>r===s):n.sort((r,i)=>i[0]-r[0]).slice(
0,Se)}var jt=o=>getComputedStyle(document.
documentElement).getPropertyValue(o);var h={font:"ui-sans-serif, Helvetica, A\
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
scale_room:56};async function qe(o){let t=new Uint16Array(
o.length),e=0;for(let r=1;r<o.length;r++){
let i=o.charCodeAt(r);t[e++]=i===57344?o.
charCodeAt(++r)^32768:i}let s=new Uint8Array(
t.buffer,0,2*e-Number(o[0])),n=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
n).arrayBuffer())}async function zt(o){let t=await qe(
o),e=4+new DataView(t.buffer).getUint32(
0,!0),[s,n,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),i=n*r,a=new Float64Array(
i);for(let l=t.length;l>e;l-=i||l)for(let u=0;u<
i;u++)a[u]=256*a[u]+t[l-i+u];let c=Array.
from({length:r},(l,u)=>Array.from(a.subarray(
u*n,(u+1)*n),Oe));return{facts:s,columns:c}}
var Oe=o=>o===0?null:o%2?(o-1)/2:-o/2;var wt=new Map;function Ne(o,t,e){let s=async()=>{
let{facts:r,columns:i}=await zt(await Re(
o,t));return e(r,i)},n=wt.get(o)??s();return wt.
set(o,n),n.catch(()=>wt.delete(o)),n}var Ut=(o,t)=>Ne(
o,t,e=>e);var gt=new Map,Pe=o=>new Promise((t,e)=>{
let s=document.createElement("script");s.
src=o,s.onload=()=>t(),s.onerror=()=>e(new Error(
`${o} could not be loaded`)),document.head.
append(s)});async function Re(o,t){if(!(window.
headatlas?.data&&o in window.headatlas.data)){
let e=gt.get(t)??Pe(t);gt.set(t,e),await e.
finally(()=>gt.delete(t))}return window.
headatlas.data[o]}function xt(o,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(o),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Kt=o=>o.replace(/[^\p{L}\p{N}.]+/gu,
"-");var Fe=3,De=8e3;function R(o,t){let e=p("svg",{"font-fam\
ily":h.font,"font-size":t,fill:h.ink}),{
title_x:s,title_y:n,title_size:r,title_weight:i}=h;
return e.append(p("text",{x:s,y:n,"font-\
size":r,"font-weight":i},o)),e}var F=o=>h.
title_x+h.title_letter_width*Array.from(
o).length;function D(o,t,e){let{scale_steps:s,
scale_step_width:n,scale_tick_y:r}=h,i={
width:h.scale_rect_width,height:h.scale_height},
a=p("g",{transform:`translate(${o} ${t})`});
for(let c=0;c<s;c++)a.append(p("rect",{x:c*
n,...i,...e(c/(s-1))}));for(let c of h.scale_ticks)
a.append(p("text",{x:s*n*c,y:r,"text-anc\
hor":"middle"},String(c)));return a}function H(o,t,e){
return o.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),o.setAttribute("width",String(t)),
o.setAttribute("height",String(e)),o.prepend(
p("rect",{width:t,height:e,fill:h.paper})),
o}async function Xt(o,t,e){let s=new XMLSerializer().
serializeToString(o),n=`${Kt(t)}.${e}`;return e===
"svg"?xt(new Blob([s],{type:"image/svg+x\
ml"}),n):(await He(s,Number(o.getAttribute(
"width")),Number(o.getAttribute("height")))).
toBlob(i=>i&&xt(i,n))}async function He(o,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(o)}`,
await s.decode();let n=d("canvas"),r=Math.
min(Fe,De/Math.max(t,e));return[n.width,
n.height]=[Math.round(t*r),Math.round(e*
r)],y(n).drawImage(s,0,0,n.width,n.height),
n}var Vt="#1d4f91",Be="#5d6167",We=10;function Yt({
weights:o,rows:t,columns:e,title:s,squareRoot:n,
query:r,key:i}){let a=Math.max(t.length,
e.length),c=ft(a),l=h.title_room,u=C=>l+
(C+.5)*c,f=R(s,h.font_size);f.append(je(
pt(o,r,i),u,n)),c>=We&&(f.append(Gt(t,g-
6,"end",u,r)),f.append(Gt(e,g+M+6,"start",
u,i)));let w=l+a*c+h.scale_gap,v=h.scale_step_width,
_=C=>({width:v,fill:Vt,"fill-opacity":tt(
C,n)});f.append(D(g,w,_));let B=Math.max(
2*g+M,F(s)+h.right_margin);return H(f,B,
w+h.scale_room-h.scale_gap)}function je(o,t,e){
let s=p("g",{fill:"none",stroke:Vt,"stro\
ke-width":2}),[n,r,i]=[g,g+M,g+M/2];for(let{
query:a,key:c,weight:l}of o){let[u,f]=[t(
a),t(c)],w=`M${n} ${u}C${i} ${u} ${i} ${f}\
 ${r} ${f}`;s.append(p("path",{d:w,"stro\
ke-opacity":Number(tt(l,e).toFixed(3))}))}
return s}function Gt(o,t,e,s,n){let r=p(
"g",{"font-family":h.token_font,"text-an\
chor":e});return o.forEach((i,a)=>{let c=n<
0||n===a?h.ink:Be;r.append(p("text",{x:t,
y:s(a)+h.baseline,fill:c},mt(i)))}),r}function Qt(o){let{rows:t,columns:e,title:s,
squareRoot:n}=o,r=ze(t,e),i=R(s,h.font_size),
a=r.top+r.height+h.scale_gap,c=D(r.left,
a,f=>({fill:et(f,n)}));i.append(Ke(o,r),
Xe(t,e,r),c);let u=Math.max(r.left+Math.
max(r.width,h.min_width),F(s))+h.right_margin;
return H(i,u,r.top+r.height+h.scale_room)}
function ze(o,t){let e=Math.max(o.length,
t.length)>h.max_cells,s=e?h.small_cell:h.
cell,n=a=>e?h.number_room:Ue(a),[r,i]=[n(
o),n(t)+h.title_room];return{long:e,cell:s,
left:r,top:i,width:t.length*s,height:o.length*
s}}function Ue(o){let t=Math.max(...o.map(
e=>Zt(e).length));return h.token_margin+
h.letter_width*t}function Zt(o){return o.
length>h.max_letters?`${o.slice(0,h.max_letters-
1)}…`:o}function Ke({weights:o,squareRoot:t},{
long:e,cell:s,left:n,top:r,width:i,height:a}){
let c=p("g",{transform:`translate(${n} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let l=d("canvas");return J(o,l,t,W),c.append(
p("image",{href:l.toDataURL(),width:i,height:a,
style:"image-rendering: pixelated"})),c}
return o.weights.forEach((l,u)=>{if(l<0)
return;let[f,w]=[u%o.columns*s,Math.floor(
u/o.columns)*s];c.append(p("rect",{x:f,y:w,
width:s,height:s,fill:et(l/255,t)}))}),c}
var et=(o,t)=>ht(W[j(o,t)]);function Xe(o,t,{
long:e,cell:s,left:n,top:r}){let{token_gap:i,
baseline:a}=h,c=p("g",{"font-family":h.token_font});
for(let[l,u]of Jt(o,e)){let f=r+(l+.5)*s+
a;c.append(p("text",{x:n-i,y:f,"text-anc\
hor":"end"},u))}for(let[l,u]of Jt(t,e)){
let f=n+(l+.5)*s+a;c.append(p("text",{transform:`\
translate(${f} ${r-i}) rotate(-90)`},u))}
return c}function Jt(o,t){let e=o.map((s,n)=>[
n,t?String(n):Zt(s)]);return t?e.filter(
([s])=>s%h.number_step===0):e}var se=640,oe=20,te=16,ne=2,ee=12;function re(o,t,e){
let s=R(t,h.font_size),n=h.title_room+h.
title_x;for(let i of o){let a=Ge(i.tokens,
n),c=p("g",{"font-family":h.token_font});
c.append(...i.tokens.flatMap((l,u)=>Ve(l,
a[u],i,u,e))),s.append(c),n=(a.at(-1)?.y??
n)+oe+ee}s.append(D(h.title_x+ee,n,i=>({
fill:et(i,e)})));let r=Math.max(se,F(t))+
h.right_margin;return H(s,r,n+h.scale_room-
h.scale_gap)}function Ge(o,t){let e=y(d(
"canvas"));e.font=`${h.font_size}px ${h.
token_font}`;let[s,n]=[h.title_x,t];return o.
map(r=>{let i=e.measureText(r).width+2*ne;
s+i>se&&s>h.title_x&&([s,n]=[h.title_x,n+
oe]);let a={x:s,y:n,width:i};return s+=i+
1,a})}function Ve(o,{x:t,y:e,width:s},{weights:n,
chosen:r},i,a){let c=n?.[i]??null,l=c===
null?null:Y(c,a,W),u=i===r?{stroke:h.ink,
"stroke-width":1.5}:{},f=p("rect",{x:t,y:e,
width:s,height:te,fill:l?.background??h.
paper,...u}),w=l?.color??h.ink;return[f,
p("text",{x:t+ne,y:e+te/2+h.baseline,fill:w},
o)]}function ie(o,t,e,s){let{view:n}=t,{query:r,
key:i}=o.current(),a=n==="matrix"?"":Je(
o,r,i),c=Ye(o,t,a?`${e}: ${a}`:e),l=n===
"matrix"?[]:[n,r>=0?`row ${r}`:i>=0?`col\
umn ${i}`:""];return Xt(c,[e,...l].filter(
Boolean).join(", "),s)}function Ye(o,{view:t,
squareRoot:e},s){let{rows:n,columns:r}=o,
i=o.maps[0].shown;return t==="text"?re(o.
shadedTexts(),s,e):t==="arcs"?Yt({weights:i,
rows:n,columns:r,title:s,squareRoot:e,...o.
arcsShown()}):Qt({weights:i,rows:n,columns:r,
title:s,squareRoot:e})}function Je(o,t,e){
return t>=0&&(o.readsRows()||e<0)?`what ${o.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${o.columns[e]} ${e}`:""}var L=Object.freeze({query:-1,key:-1}),x=o=>o.
query<0&&o.key<0,$=o=>o.query>=0&&o.key>=
0,Qe=["kept","row","column","cell","row-\
tag","column-tag"],st=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
Ze(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Qe.map(n=>[n,ts(n)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=d("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Dt(this.measured):
this.measured,J(this.shown,this.canvas,e)}cellAt(t){
let{rows:e,columns:s}=this.shown;return{
query:b(Math.floor(t.offsetY/this.canvas.
clientHeight*e),e),key:b(Math.floor(t.offsetX/
this.canvas.clientWidth*s),s)}}start(){let{
rows:t,columns:e,weights:s}=this.shown,n=s.
subarray(e*(t-1),e*t);return{query:t-1,key:n.
indexOf(Math.max(...n))}}weightAt({query:t,
key:e}){return this.shown.weights[t*this.
shown.columns+e]}strongest({query:t,key:e}){
let{rows:s,columns:n}=this.shown,r=Array.
from({length:t>=0?n:s},(c,l)=>t>=0?{query:t,
key:l}:{query:l,key:e}),i=r.map(c=>this.
weightAt(c)),a=Math.max(...i);return a>0?
r[i.indexOf(a)]:L}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":z(e)}mark(t,e,s){
let{rows:n,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#o();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,n],c),this.#e("cell",$(t),[a,i,1,1],c);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,n];this.#e("kept",!x(e),l,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
k(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=k(c.left+(a+.5)*c.cell)}#e(t,e,[
s,n,r,i],{cell:a,height:c,left:l,top:u}){
let f=this.marks[t];f.hidden=!e,f.style.
left=k(l+s*a),f.style.top=k(u+n*c),f.style.
width=k(r*a),f.style.height=k(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(d("bdi",e))}#o(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:n}=this.canvas;return{cell:s/
this.shown.columns,height:n/this.shown.rows,
left:t,top:e}}};function Ze(o,{rows:t,columns:e},s){
let n=d("canvas","","pixels");return n.style.
setProperty("--rows",String(t)),n.style.
setProperty("--columns",String(e)),n.tabIndex=
0,n.setAttribute("role","application"),n.
setAttribute("aria-roledescription","hea\
tmap"),n.setAttribute("aria-label",`${o}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),n.setAttribute("aria-d\
escribedby",s),n}function ts(o){let t=d(
"div","",`mark-${o}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var es=[255,120,0],ss=.8;async function ae(o){
let t=new Image;t.src=o,await t.decode();
let e=d("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=y(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function ce(o,t,[e,
s],n){let{width:r,height:i,data:a}=t;[o.
width,o.height]=[r,i];let c=y(o);if(!n)return c.
putImageData(t,0,0);let l=Math.max(...Array.
from(n))||1,u=c.createImageData(r,i);for(let f=0;f<
i;f++){let w=s*Math.floor(f*e/i);for(let v=0;v<
r;v++){let _=4*(f*r+v),B=.299*a[_]+.587*
a[_+1]+.114*a[_+2],C=ss*n[w+Math.floor(v*
s/r)]/l;for(let X=0;X<3;X++)u.data[_+X]=
B*(1-C)+es[X]*C;u.data[_+3]=255}}c.putImageData(
u,0,0)}function he(o,[t,e],s){o.hidden=s<
0,o.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),o.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
o.style.width=`${100/e}%`,o.style.height=
`${100/t}%`}var ot=class o{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=N("img, canvas",e);return(s instanceof
HTMLImageElement?await o.#t(e,s):le.get(
e))??null}static async#t(t,e){let s=new o(
t,await ae(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,le.set(t,s),s}constructor(t,e){
let{rows:s,columns:n,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(n)],this.queries=Number(r),this.
keys=Number(i),this.canvas=d("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=N(".spot",t),this.words=N("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:n,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&s>=0&&this.queries>=0,l=Array.from(
{length:a||c?i:0},(w,v)=>{let[_,B]=a?[e,
this.keys+v]:[this.queries+v,s];return Math.
max(0,t.weights[_*t.columns+B])});ce(this.
canvas,this.pixels,this.grid,l.length?l:
null);let u=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,f=(e>=0?this.queries:
this.keys)>=0&&u>=0&&u<i;he(this.spot,this.
grid,f&&(e>=0||s>=0)?u:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${n[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},le=new WeakMap;var ue={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
os="Point at a map: all show the same pa\
ir of tokens.",nt=class{constructor(t,e,s,n){
this.rows=e,this.columns=s,this.many=n,this.
view="matrix",this.hint=d("span",n?os:ue.
matrix,"hint"),this.root=d("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
ue[t==="text"&&!e?"text, from":t])}say(t,e,s){
x(t)?this.root.replaceChildren(this.hint):
$(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:n,key:r}=t,i=n>=0?S(this.rows[n],
n):S(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),n=t.query>=0;if(x(s))
return[n?" looks at nothing that is show\
n":" is looked at by none"];let r=n?S(this.
columns[s.key],s.key):S(this.rows[s.query],
s.query);return[n?" looks most at ":" is\
 looked at most by ",r,", ",d("b",z(e.weightAt(
s)))]}#s(t,e){let{query:s,key:n}=t,[r,i]=[
S(this.rows[s],s),S(this.columns[n],n)];
this.root.replaceChildren(r," → ",i,...this.#o(
t,e))}#o(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",d("b",z(s))]}};var U=class{constructor(t,e,s){this.on=s,
this.root=d("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(ns),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,n){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:Y(a,n);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=a===null?"":a.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&a===null),r.setAttribute(
"aria-pressed",String(s&&i===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",s=>this.#e(s,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",s=>this.#e(s,e.pin)),t.addEventListener(
"focusin",s=>this.#e(s,n=>this.#s(n))),t.
addEventListener("keydown",s=>this.#e(s,
n=>this.#o(s,n)))}#e(t,e){let s=this.spans.
indexOf(t.target);s>=0&&e(s)}#s(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#o(t,e){if(G(t))return;let s=this.
spans.length-1,n={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in n)this.spans[b(n[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function ns(o){let t=d("bdi",o,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var de=9,rt=class o{#t=L;#e=L;#s=null;#o=null;#r=null;followers=[];static async start(t,e,s,n,r=Ft){
let i=new o(t,e,s,n,r);await i.#a(),i.many||
i.#i(),i.#r=await ot.of(t);for(let a of i.
maps)i.#x(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:s,
text:n},r,i,a){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=n??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new nt(`readout-${t.dataset.maps}`,this.
rows,this.columns,this.many),t.prepend(this.
readout.root)}async#a(){let t=T(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,n)=>new st(s,e[n],this.readout.
root.id))}#i(){let t=d("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",s=this.#c(()=>this.readsRows()),
n=new U(this.text,e,s);t.append(n.root);
let r=null;if(this.twoTexts){let i=this.#c(
()=>!1);r=new U(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:n,columns:r}}#c(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#n(e(s)),out:()=>this.#l(),
pin:s=>this.#h(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let n of this.
maps)n.paint(s,e);this.root.dataset.view===
"arcs"&&this.#p(),this.#u(x(this.#t)?this.#e:
this.#t),this.fit(),this.#d()}#p(){if(this.#o)
return;this.#o=new Z(this.rows,this.columns,
{over:(e,s)=>this.#n({query:e,key:s}),out:()=>this.#l(),
pin:e=>this.#h({query:e,key:-1})});let t=d(
"div","","scroll arcs-view");t.append(this.#o.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#f()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=de)return;let n=e.clientWidth-
N(".axis-rows",e).offsetWidth-8,r=this.columns.
length;n>0&&s*r>n&&t.setProperty("--cell",
k(Math.max(de,Math.floor(n/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(x(this.#t)?
t:this.#t),this.#d()}#h(t){this.pin(fe(t,
this.#e)?L:t)}#n(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#n(L)}follow(t){
fe(t,this.#t)||(this.#t=t,this.#u(x(t)?this.#e:
t),this.#d())}#u(t){this.readout.say(t,!x(
this.#e),this.maps[0]);for(let e of this.
maps)x(t)?e.sayWeight(null):$(t)&&e.sayWeight(
t)}#d(){this.#w(),this.root.dataset.view===
"arcs"&&this.#g(),this.#f()}current(){return x(
this.#e)?this.#t:this.#e}#w(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!x(this.#e),
this.choices()],{rows:s,columns:n}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&n?n:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],n=t>=0&&(this.readsRows()||e<0),
r=n?Q(s,t):null,i=!n&&e>=0?Bt(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#g(){let{query:t,
key:e}=this.arcsShown();this.#o?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#f(){
let t=x(this.#t)?this.#e:this.#t;this.#r?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#x(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#n(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#n(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#h(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let n=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!n&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#n(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",s=>this.#y(
s,t))}#y(t,e){let s=this.#k(e)[t.key];!s||
G(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,n)=>()=>this.#b(t,s,
n);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(L)}}}#b(t,e,s){let{query:n,key:r}=this.#t;
$(this.#t)?this.#n({query:b(n+e,this.rows.
length),key:b(r+s,this.columns.length)}):
this.#n(t.start())}#m(t){$(this.#t)||this.#n(
t.start()),this.many||this.#h(this.#t)}},
fe=(o,t)=>o.query===t.query&&o.key===t.key;var K=o=>o.closest(".example")?.id??"",it=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
Rt(),this.sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#s(),this.controls.listen(()=>this.#r(),
s=>this.#c(s)),Tt(()=>this.#i()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=T(HTMLElement,".map-set"),e=O(),s=t.
find(n=>e&&K(n)===e)??t[0];s&&this.#e(s);
for(let n of t)n!==s&&this.watcher.observe(
n)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await rt.start(t,e,()=>this.controls.choices(),
({query:n,key:r})=>this.writeAddress(K(t),
{row:n,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#o(s))}#s(){let{
sink:t,row:e,column:s}=E.read();!t&&this.
controls.recallSink()&&this.writeAddress(
O(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(E.read()),this.#a()}pinAddress(){
for(let t of this.sets)this.#o(t)}#o(t){
let e=O();if(e&&e!==K(t.root))return;let{
row:s,column:n}=E.read(),r=s<t.rows.length?
s:-1,i=n<t.columns.length?n:-1;t.keep({query:r,
key:i})}writeAddress(t,e={},s={}){E.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return E.format(this.controls.state(),t)}#r(){
this.#a();let{row:t,column:e}=E.read();this.
writeAddress(O(),{row:t,column:e})}#a(){
this.controls.explain(),this.#i()}#i(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)K(e.root)===t&&e.repaint()}#c(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&ie(e,this.controls.choices(),rs(K(e.root)),
t)}};function rs(o){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),s=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
n=o&&document.querySelector(`.examples a\
[href="#${o}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
s)?"":s,n].filter(Boolean).join(", ")}function me(o){o?.addEventListener("clic\
k",async t=>{if(t.ctrlKey||t.metaKey||t.
shiftKey||t.altKey)return;t.preventDefault();
let{models:e}=await Ut("names","assets/n\
ames.js");location.href=is(e)||o.href})}
function is(o){let t=o.flatMap(({slug:s,
layers:n})=>n.map(([r,i])=>({slug:s,name:r,
n:i}))),e=Math.floor(Math.random()*t.reduce(
(s,{n})=>s+n,0));for(let{slug:s,name:n,n:r}of t){
if(e<r)return`${s}/heads/${n}H${e}.html`;
e-=r}return""}var as=new Intl.Collator("en",{numeric:!0,
sensitivity:"base"});function ge(){for(let o of T(
HTMLTableElement,"table[data-sortable]")){
let t=T(HTMLTableCellElement,"thead th",
o);t.forEach((e,s)=>{let n=d("button",e.
textContent?.trim());n.type="button",n.addEventListener(
"click",()=>cs(o,t,s)),e.replaceChildren(
n)})}}function cs(o,t,e){let[s]=o.tBodies,
n=Array.from(s.rows),r=t[e].classList.contains(
"n"),i=t[e].getAttribute("aria-sort"),a=i===
null?r:i==="ascending",c=(l,u)=>r?we(l.cells[e])-
we(u.cells[e]):as.compare(pe(l,e),pe(u,e));
n.sort((l,u)=>a?c(u,l):c(l,u)),s.append(
...n);for(let l of t)l.removeAttribute("\
aria-sort");t[e].setAttribute("aria-sort",
a?"descending":"ascending")}var pe=(o,t)=>o.
cells[t].textContent?.trim()??"",we=o=>Number(
o.dataset.value??o.textContent);At();var xe=new it(bt("token-data"));xe.
start();E.onChange(()=>xe.pinAddress());
ge();me(document.querySelector("[data-ra\
ndom]"));})();
