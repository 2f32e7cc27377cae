// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function $(...o){return{read:t=>o.find(e=>e===
t)??o[0],write:t=>t===o[0]?"":t}}var f={
read:o=>o??"",write:o=>o},C={read:o=>/^\d+$/.
test(o??"")?Number(o):-1,write:o=>o<0?"":
String(o)},ue={read:o=>({column:(o||"hea\
d").replace(/^-/,""),down:o?.startsWith(
"-")??!1}),write:({column:o,down:t})=>o===
"head"&&!t?"":(t?"-":"")+o},de={read:o=>o?
o.split(","):null,write:o=>o?o.join()||"\
none":""},me={read:o=>(o??"").split(",").
filter(Boolean).map(fe),write:o=>o.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function fe(o){let t=o.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var k=class{constructor(t){
this.fields=t}read(){let{choices:t}=dt(),
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
addEventListener("hashchange",()=>{(e||!T())&&
t()})}};function dt(){let o=location.hash.
slice(1),[t,...e]=o.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):o)}}function T(){let{anchor:o}=dt(),
t=Number(o.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(o)?o:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??o}var mt={view:$("matrix","t\
ext","arcs"),direction:$("to","from"),scale:$(
"linear","root"),sink:$("","show","hide"),
row:C,column:C},b=new k(mt),Ve=new k({a:f,
b:f,text:f,...mt}),Ye=new k({pattern:f,probe:f,
value:$("score","sinkfree"),scale:$("ful\
l","fit"),label:f}),Je=new k({text:f,label:f,
probe:f,from:f,to:f,sort:ue,columns:de,range:me,
page:C}),Qe=new k({x:f,y:f}),Ze=new k({by:f,
through:f,from:f,to:f,head:f,least:C}),ts=new k(
{a:f,b:f,pattern:f}),es=new k({picture:f,
head:f,step:C,word:C});function u(o,t="",e=""){let s=document.createElement(
o);return s.textContent=t,e&&(s.className=
e),s}function p(o,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",o);for(let[n,r]of Object.entries(t))
s.setAttribute(n,String(r));return e&&(s.
textContent=e),s}function A(o,{read:t=!1}={}){
return o.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function E(o,t){let e=u("span"),s=u("bdi",
o,"token");return s.translate=!1,e.append(
s,u("span",` ${t}`,"soft")),e}var x=o=>`${o}\
px`,y=(o,t)=>Math.min(t-1,Math.max(0,o));
function ft(o,t=document){return t.querySelector(
o)}function M(o,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
o)}var j=o=>o.altKey||o.ctrlKey||o.metaKey;
function pt(o){return JSON.parse(document.
getElementById(o)?.textContent??"null")}
function wt(){for(let o of document.querySelectorAll(
"[data-needs-script]"))o.removeAttribute(
"hidden")}var xt=o=>Array.from({length:256},(t,e)=>Number.
parseInt(o.slice(6*e,6*e+6),16)),W=xt(window.
headatlas.light),pe=xt(window.headatlas.
dark),gt=new Map(W.map((o,t)=>[o,t])),yt=matchMedia(
"(prefers-color-scheme: dark)"),kt=[],bt=!1,
st=()=>yt.matches&&!bt?pe:W,P=W,At=o=>kt.
push(o);function vt(){for(let o of kt)o()}
yt.addEventListener("change",vt);for(let[
o,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(o,()=>{bt=t,vt()});
var ot=o=>`#${o.toString(16).padStart(6,
"0")}`,F=(o,t)=>Math.round(255*(t?Math.sqrt(
o):o));function z(o,t,e=st()){let s=e[F(
Math.min(Math.max(o,0),1),t)],n=we(s)>.179;
return{background:ot(s),color:n?"#000":"\
#fff"}}function we(o){let[t,e,s]=et(o).map(
n=>{let r=n/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var et=o=>[16,8,0].map(t=>o>>t&
255);function _t(o){let t=gt.get(o);return t===
void 0&&(t=ge(o),gt.set(o,t)),t}function ge(o){
let t=et(o),e=W.map(s=>et(s).reduce((n,r,i)=>n+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}var Et="headatlas-sink";function Mt(){try{
let o=localStorage.getItem(Et);return o===
"hide"||o==="show"?o:""}catch{return""}}
function St(o){try{localStorage.setItem(
Et,o?"hide":"show")}catch{}}var Lt=4,rt=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),Mt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,n)=>{
let r=e?(n/Lt)**2:n/Lt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let n=this.#t();n&&s===n&&St(n.checked),
t()}),this.form?.addEventListener("click",
s=>{let n=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;n&&e(n)})}};
function Tt(){let o=document.querySelector(
".map-controls");return o&&xe(o),new rt(
o)}function xe(o){let t=o.dataset.offers?.
split(" ")??[];t.includes("views")&&(o.append(
Ct("View","view",["matrix","text","arcs"]),
Ct("Direction","direction",["to","from"],
["looks at","is looked at by"])),o.children[1].
toggleAttribute("data-direction",!0));let e=u(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=u("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],o.append(nt("label",
"Colour scale ",e),nt("label",s," set th\
e sink aside")),t.includes("saves")&&o.append(
nt("span","Download ",$t("svg")," ",$t("\
png")))}function nt(o,...t){let e=u(o,"",
"control");return e.append(...t),e}function $t(o){
let t=u("button",o.toUpperCase());return t.
type="button",t.dataset.save=o,t}function Ct(o,t,e,s=e){
let n=u("fieldset","","choice");return n.
append(u("legend",o,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[u("label"),u("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),n.append(
a)}),n}async function It(o,t,e){await o.decode();
let s=u("canvas");[s.width,s.height]=[e,
t];let n=A(s,{read:!0});n.drawImage(o,0,
0,e,t);let r=n.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:_t(c)}return{rows:t,columns:e,
weights:i}}function qt({rows:o,columns:t,
weights:e}){let s=new Int16Array(e.length);
for(let n=0;n<o;n++){let r=e.subarray(n*
t,(n+1)*t),i=r.reduce((l,d)=>l+Math.max(
d,0),0),a=i-Math.max(r[0],0),c=l=>a<3?0:
Math.round(l*i/a);s.set(r.map((l,d)=>d===
0||l<0?-1:c(l)),n*t)}return{rows:o,columns:t,
weights:s}}function K(o,t,e,s=st()){[t.width,
t.height]=[o.columns,o.rows];let n=A(t,{
read:!0}),r=n.createImageData(o.columns,
o.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,l)=>{
let d=s[F(l/255,e)];return(4278190080|(d&
255)<<16|d&65280|d>>16)>>>0});o.weights.
forEach((c,l)=>{c>=0&&(i[l]=a[Math.min(c,
255)])}),n.putImageData(r,0,0)}var D=o=>(o/
255).toFixed(3),Ot=o=>o<0?null:o/255;function U({
columns:o,weights:t},e){return Array.from(
t.subarray(e*o,(e+1)*o),Ot)}function Rt({
rows:o,columns:t,weights:e},s){return Array.
from({length:o},(n,r)=>Ot(e[r*t+s]))}var ye=5,ke=.02,w=130,v=260,I=2*w+v,it=4,
be=8e3,Nt=15,Ae='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',X=class{constructor(t,e,s){
this.rows=t,this.columns=e;let n=Math.max(
t.length,e.length);this.pitch=at(n),this.
height=n*this.pitch+2*it,this.ratio=Math.
min(devicePixelRatio||1,be/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=u("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
I*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[x(I),`${I} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#s(e);s>=0&&t.pin(s)})}#s(t){let e=I/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-it)/this.pitch);return t.offsetX*
e>I/2?[-1,y(s,this.columns.length)]:[y(s,
this.rows.length),-1]}draw(t,e,s,n){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,I,this.
height),r.strokeStyle=Pt("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of ht(
t,e,s))r.globalAlpha=G(i.weight,n),this.#o(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#a(r,e,s)}#o(t,e,s){let[n,r,i]=[
w,w+v,w+v/2],[a,c]=[this.#i(e),this.#i(s)];
t.beginPath(),t.moveTo(n,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#i(t){return it+
(t+.5)*this.pitch}#a(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Ae}`,t.textBaseline=
"middle",t.textAlign="right",this.#r(t,this.
rows,w-6,e),t.textAlign="left",this.#r(t,
this.columns,w+v+6,s)}#r(t,e,s,n){let[r,
i]=[getComputedStyle(document.body).color,
Pt("--soft")];e.forEach((a,c)=>{t.fillStyle=
n<0||n===c?r:i,t.fillText(ct(a),s,this.#i(
c),w-8)})}};function at(o){return o<=60?
19:o<=200?12:Math.max(2,Math.floor(3e3/o))}
function ct(o){return o.length>Nt?`${o.slice(
0,Nt-1)}…`:o}var G=(o,t)=>Math.min(t?Math.
sqrt(o):o,1);function ht(o,t,e){return(t>=
0?[t]:Array.from({length:o.rows},(n,r)=>r)).
flatMap(n=>ve(o,n,t>=0,e).map(([r,i])=>({
query:n,key:i,weight:r})))}function ve(o,t,e,s){
let n=U(o,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>ke);return e?n:s>=0?n.filter(([
,r])=>r===s):n.sort((r,i)=>i[0]-r[0]).slice(
0,ye)}var Pt=o=>getComputedStyle(document.
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
scale_room:56};var lt=new Map,Ee=o=>new Promise((t,e)=>{
let s=document.createElement("script");s.
src=o,s.onload=()=>t(),s.onerror=()=>e(new Error(
`${o} could not be loaded`)),document.head.
append(s)});async function Ft(o,t){if(!(window.
headatlas?.data&&o in window.headatlas.data)){
let e=lt.get(t)??Ee(t);lt.set(t,e),await e.
finally(()=>lt.delete(t))}return window.
headatlas.data[o]}function ut(o,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(o),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Dt=o=>o.replace(/[^\p{L}\p{N}.]+/gu,
"-");var Me=3,Se=8e3;function q(o,t){let e=p("svg",{"font-fam\
ily":h.font,"font-size":t,fill:h.ink}),{
title_x:s,title_y:n,title_size:r,title_weight:i}=h;
return e.append(p("text",{x:s,y:n,"font-\
size":r,"font-weight":i},o)),e}var O=o=>h.
title_x+h.title_letter_width*Array.from(
o).length;function R(o,t,e){let{scale_steps:s,
scale_step_width:n,scale_tick_y:r}=h,i={
width:h.scale_rect_width,height:h.scale_height},
a=p("g",{transform:`translate(${o} ${t})`});
for(let c=0;c<s;c++)a.append(p("rect",{x:c*
n,...i,...e(c/(s-1))}));for(let c of h.scale_ticks)
a.append(p("text",{x:s*n*c,y:r,"text-anc\
hor":"middle"},String(c)));return a}function N(o,t,e){
return o.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),o.setAttribute("width",String(t)),
o.setAttribute("height",String(e)),o.prepend(
p("rect",{width:t,height:e,fill:h.paper})),
o}async function Bt(o,t,e){let s=new XMLSerializer().
serializeToString(o),n=`${Dt(t)}.${e}`;return e===
"svg"?ut(new Blob([s],{type:"image/svg+x\
ml"}),n):(await Le(s,Number(o.getAttribute(
"width")),Number(o.getAttribute("height")))).
toBlob(i=>i&&ut(i,n))}async function Le(o,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(o)}`,
await s.decode();let n=u("canvas"),r=Math.
min(Me,Se/Math.max(t,e));return[n.width,
n.height]=[Math.round(t*r),Math.round(e*
r)],A(n).drawImage(s,0,0,n.width,n.height),
n}var jt="#1d4f91",$e="#5d6167",Ce=10;function Wt({
weights:o,rows:t,columns:e,title:s,squareRoot:n,
query:r,key:i}){let a=Math.max(t.length,
e.length),c=at(a),l=h.title_room,d=tt=>l+
(tt+.5)*c,m=q(s,h.font_size);m.append(Te(
ht(o,r,i),d,n)),c>=Ce&&(m.append(Ht(t,w-
6,"end",d,r)),m.append(Ht(e,w+v+6,"start",
d,i)));let _=l+a*c+h.scale_gap,ce=h.scale_step_width,
he=tt=>({width:ce,fill:jt,"fill-opacity":G(
tt,n)});m.append(R(w,_,he));let le=Math.
max(2*w+v,O(s)+h.right_margin);return N(
m,le,_+h.scale_room-h.scale_gap)}function Te(o,t,e){
let s=p("g",{fill:"none",stroke:jt,"stro\
ke-width":2}),[n,r,i]=[w,w+v,w+v/2];for(let{
query:a,key:c,weight:l}of o){let[d,m]=[t(
a),t(c)],_=`M${n} ${d}C${i} ${d} ${i} ${m}\
 ${r} ${m}`;s.append(p("path",{d:_,"stro\
ke-opacity":Number(G(l,e).toFixed(3))}))}
return s}function Ht(o,t,e,s,n){let r=p(
"g",{"font-family":h.token_font,"text-an\
chor":e});return o.forEach((i,a)=>{let c=n<
0||n===a?h.ink:$e;r.append(p("text",{x:t,
y:s(a)+h.baseline,fill:c},ct(i)))}),r}function Kt(o){let{rows:t,columns:e,title:s,
squareRoot:n}=o,r=Ie(t,e),i=q(s,h.font_size),
a=r.top+r.height+h.scale_gap,c=R(r.left,
a,m=>({fill:V(m,n)}));i.append(Oe(o,r),Re(
t,e,r),c);let d=Math.max(r.left+Math.max(
r.width,h.min_width),O(s))+h.right_margin;
return N(i,d,r.top+r.height+h.scale_room)}
function Ie(o,t){let e=Math.max(o.length,
t.length)>h.max_cells,s=e?h.small_cell:h.
cell,n=a=>e?h.number_room:qe(a),[r,i]=[n(
o),n(t)+h.title_room];return{long:e,cell:s,
left:r,top:i,width:t.length*s,height:o.length*
s}}function qe(o){let t=Math.max(...o.map(
e=>Ut(e).length));return h.token_margin+
h.letter_width*t}function Ut(o){return o.
length>h.max_letters?`${o.slice(0,h.max_letters-
1)}…`:o}function Oe({weights:o,squareRoot:t},{
long:e,cell:s,left:n,top:r,width:i,height:a}){
let c=p("g",{transform:`translate(${n} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let l=u("canvas");return K(o,l,t,P),c.append(
p("image",{href:l.toDataURL(),width:i,height:a,
style:"image-rendering: pixelated"})),c}
return o.weights.forEach((l,d)=>{if(l<0)
return;let[m,_]=[d%o.columns*s,Math.floor(
d/o.columns)*s];c.append(p("rect",{x:m,y:_,
width:s,height:s,fill:V(l/255,t)}))}),c}
var V=(o,t)=>ot(P[F(o,t)]);function Re(o,t,{
long:e,cell:s,left:n,top:r}){let{token_gap:i,
baseline:a}=h,c=p("g",{"font-family":h.token_font});
for(let[l,d]of zt(o,e)){let m=r+(l+.5)*s+
a;c.append(p("text",{x:n-i,y:m,"text-anc\
hor":"end"},d))}for(let[l,d]of zt(t,e)){
let m=n+(l+.5)*s+a;c.append(p("text",{transform:`\
translate(${m} ${r-i}) rotate(-90)`},d))}
return c}function zt(o,t){let e=o.map((s,n)=>[
n,t?String(n):Ut(s)]);return t?e.filter(
([s])=>s%h.number_step===0):e}var Vt=640,Yt=20,Xt=16,Jt=2,Gt=12;function Qt(o,t,e){
let s=q(t,h.font_size),n=h.title_room+h.
title_x;for(let i of o){let a=Ne(i.tokens,
n),c=p("g",{"font-family":h.token_font});
c.append(...i.tokens.flatMap((l,d)=>Pe(l,
a[d],i,d,e))),s.append(c),n=(a.at(-1)?.y??
n)+Yt+Gt}s.append(R(h.title_x+Gt,n,i=>({
fill:V(i,e)})));let r=Math.max(Vt,O(t))+
h.right_margin;return N(s,r,n+h.scale_room-
h.scale_gap)}function Ne(o,t){let e=A(u(
"canvas"));e.font=`${h.font_size}px ${h.
token_font}`;let[s,n]=[h.title_x,t];return o.
map(r=>{let i=e.measureText(r).width+2*Jt;
s+i>Vt&&s>h.title_x&&([s,n]=[h.title_x,n+
Yt]);let a={x:s,y:n,width:i};return s+=i+
1,a})}function Pe(o,{x:t,y:e,width:s},{weights:n,
chosen:r},i,a){let c=n?.[i]??null,l=c===
null?null:z(c,a,P),d=i===r?{stroke:h.ink,
"stroke-width":1.5}:{},m=p("rect",{x:t,y:e,
width:s,height:Xt,fill:l?.background??h.
paper,...d}),_=l?.color??h.ink;return[m,
p("text",{x:t+Jt,y:e+Xt/2+h.baseline,fill:_},
o)]}function Zt(o,t,e,s){let{view:n}=t,{query:r,
key:i}=o.current(),a=n==="matrix"?"":De(
o,r,i),c=Fe(o,t,a?`${e}: ${a}`:e),l=n===
"matrix"?[]:[n,r>=0?`row ${r}`:i>=0?`col\
umn ${i}`:""];return Bt(c,[e,...l].filter(
Boolean).join(", "),s)}function Fe(o,{view:t,
squareRoot:e},s){let{rows:n,columns:r}=o,
i=o.maps[0].shown;return t==="text"?Qt(o.
shadedTexts(),s,e):t==="arcs"?Wt({weights:i,
rows:n,columns:r,title:s,squareRoot:e,...o.
arcsShown()}):Kt({weights:i,rows:n,columns:r,
title:s,squareRoot:e})}function De(o,t,e){
return t>=0&&(o.readsRows()||e<0)?`what ${o.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${o.columns[e]} ${e}`:""}var S=Object.freeze({query:-1,key:-1}),g=o=>o.
query<0&&o.key<0,L=o=>o.query>=0&&o.key>=
0,Be=["kept","row","column","cell","row-\
tag","column-tag"],Y=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
He(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Be.map(n=>[n,je(n)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=u("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?qt(this.measured):
this.measured,K(this.shown,this.canvas,e)}cellAt(t){
let{rows:e,columns:s}=this.shown;return{
query:y(Math.floor(t.offsetY/this.canvas.
clientHeight*e),e),key:y(Math.floor(t.offsetX/
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
r[i.indexOf(a)]:S}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":D(e)}mark(t,e,s){
let{rows:n,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#o();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,n],c),this.#e("cell",L(t),[a,i,1,1],c);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,n];this.#e("kept",!g(e),l,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
x(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=x(c.left+(a+.5)*c.cell)}#e(t,e,[
s,n,r,i],{cell:a,height:c,left:l,top:d}){
let m=this.marks[t];m.hidden=!e,m.style.
left=x(l+s*a),m.style.top=x(d+n*c),m.style.
width=x(r*a),m.style.height=x(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(u("bdi",e))}#o(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:n}=this.canvas;return{cell:s/
this.shown.columns,height:n/this.shown.rows,
left:t,top:e}}};function He(o,{rows:t,columns:e},s){
let n=u("canvas","","pixels");return n.style.
setProperty("--rows",String(t)),n.style.
setProperty("--columns",String(e)),n.tabIndex=
0,n.setAttribute("role","application"),n.
setAttribute("aria-roledescription","hea\
tmap"),n.setAttribute("aria-label",`${o}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),n.setAttribute("aria-d\
escribedby",s),n}function je(o){let t=u(
"div","",`mark-${o}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var te={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
We="Point at a map: all show the same pa\
ir of tokens.",J=class{constructor(t,e,s,n){
this.rows=e,this.columns=s,this.many=n,this.
view="matrix",this.hint=u("span",n?We:te.
matrix,"hint"),this.root=u("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
te[t==="text"&&!e?"text, from":t])}say(t,e,s){
g(t)?this.root.replaceChildren(this.hint):
L(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:n,key:r}=t,i=n>=0?E(this.rows[n],
n):E(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),n=t.query>=0;if(g(s))
return[n?" looks at nothing that is show\
n":" is looked at by none"];let r=n?E(this.
columns[s.key],s.key):E(this.rows[s.query],
s.query);return[n?" looks most at ":" is\
 looked at most by ",r,", ",u("b",D(e.weightAt(
s)))]}#s(t,e){let{query:s,key:n}=t,[r,i]=[
E(this.rows[s],s),E(this.columns[n],n)];
this.root.replaceChildren(r," → ",i,...this.#o(
t,e))}#o(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",u("b",D(s))]}};var B=class{constructor(t,e,s){this.on=s,
this.root=u("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(ze),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,n){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:z(a,n);r.style.background=
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
this.on.over(t)}#o(t,e){if(j(t))return;let s=this.
spans.length-1,n={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in n)this.spans[y(n[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function ze(o){let t=u("bdi",o,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var ee=9,Q=class o{#t=S;#e=S;#s=null;#o=null;followers=[];static async start(t,e,s,n,r=It){
let i=new o(t,e,s,n,r);await i.#i(),i.many||
i.#a();for(let a of i.maps)i.#g(a);return i.
repaint(),t.dataset.ready="",i}constructor(t,{
tokens:e,columns:s,text:n},r,i,a){this.root=
t,this.rows=e,this.columns=s??e,this.twoTexts=
s!==void 0,this.text=n??e,this.many=t.classList.
contains("multiples"),this.choices=r,this.
onPin=i,this.weightsOf=a,this.maps=[],this.
readout=new J(`readout-${t.dataset.maps}`,
this.rows,this.columns,this.many),t.prepend(
this.readout.root)}async#i(){let t=M(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,n)=>new Y(s,e[n],this.readout.root.
id))}#a(){let t=u("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",s=this.#r(()=>this.readsRows()),
n=new B(this.text,e,s);t.append(n.root);
let r=null;if(this.twoTexts){let i=this.#r(
()=>!1);r=new B(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:n,columns:r}}#r(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#n(e(s)),out:()=>this.#h(),
pin:s=>this.#c(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let n of this.
maps)n.paint(s,e);this.root.dataset.view===
"arcs"&&this.#l(),this.#u(g(this.#t)?this.#e:
this.#t),this.fit(),this.#d()}#l(){if(this.#o)
return;this.#o=new X(this.rows,this.columns,
{over:(e,s)=>this.#n({query:e,key:s}),out:()=>this.#h(),
pin:e=>this.#c({query:e,key:-1})});let t=u(
"div","","scroll arcs-view");t.append(this.#o.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#m()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=ee)return;let n=e.clientWidth-
ft(".axis-rows",e).offsetWidth-8,r=this.
columns.length;n>0&&s*r>n&&t.setProperty(
"--cell",x(Math.max(ee,Math.floor(n/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(g(this.#t)?
t:this.#t),this.#d()}#c(t){this.pin(se(t,
this.#e)?S:t)}#n(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#h(){this.#n(S)}follow(t){
se(t,this.#t)||(this.#t=t,this.#u(g(t)?this.#e:
t),this.#d())}#u(t){this.readout.say(t,!g(
this.#e),this.maps[0]);for(let e of this.
maps)g(t)?e.sayWeight(null):L(t)&&e.sayWeight(
t)}#d(){this.#p(),this.root.dataset.view===
"arcs"&&this.#w(),this.#m()}current(){return g(
this.#e)?this.#t:this.#e}#p(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!g(this.#e),
this.choices()],{rows:s,columns:n}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&n?n:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],n=t>=0&&(this.readsRows()||e<0),
r=n?U(s,t):null,i=!n&&e>=0?Rt(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#w(){let{query:t,
key:e}=this.arcsShown();this.#o?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#m(){
let t=g(this.#t)?this.#e:this.#t,e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#g(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#n(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#n(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#c(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let n=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!n&&this.#h()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#n(t.start())}),
e.addEventListener("blur",()=>this.#h()),
e.addEventListener("keydown",s=>this.#x(
s,t))}#x(t,e){let s=this.#y(e)[t.key];!s||
j(t)||(t.preventDefault(),t.stopPropagation(),
s())}#y(t){let e=(s,n)=>()=>this.#k(t,s,
n);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#f(t),
" ":()=>this.#f(t),Escape:()=>{this.many||
this.pin(S)}}}#k(t,e,s){let{query:n,key:r}=this.#t;
L(this.#t)?this.#n({query:y(n+e,this.rows.
length),key:y(r+s,this.columns.length)}):
this.#n(t.start())}#f(t){L(this.#t)||this.#n(
t.start()),this.many||this.#c(this.#t)}},
se=(o,t)=>o.query===t.query&&o.key===t.key;var H=o=>o.closest(".example")?.id??"",Z=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
Tt(),this.sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#s(),this.controls.listen(()=>this.#i(),
s=>this.#l(s)),At(()=>this.#r()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=M(HTMLElement,".map-set"),e=T(),s=t.
find(n=>e&&H(n)===e)??t[0];s&&this.#e(s);
for(let n of t)n!==s&&this.watcher.observe(
n)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await Q.start(t,e,()=>this.controls.choices(),
({query:n,key:r})=>this.writeAddress(H(t),
{row:n,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#o(s))}#s(){let{
sink:t,row:e,column:s}=b.read();!t&&this.
controls.recallSink()&&this.writeAddress(
T(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(b.read()),this.#a()}pinAddress(){
for(let t of this.sets)this.#o(t)}#o(t){
let e=T();if(e&&e!==H(t.root))return;let{
row:s,column:n}=b.read(),r=s<t.rows.length?
s:-1,i=n<t.columns.length?n:-1;t.keep({query:r,
key:i})}writeAddress(t,e={},s={}){b.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return b.format(this.controls.state(),t)}#i(){
this.#a();let{row:t,column:e}=b.read();this.
writeAddress(T(),{row:t,column:e})}#a(){
this.controls.explain(),this.#r()}#r(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)H(e.root)===t&&e.repaint()}#l(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&Zt(e,this.controls.choices(),Ke(H(e.root)),
t)}};function Ke(o){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),s=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
n=o&&document.querySelector(`.examples a\
[href="#${o}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
s)?"":s,n].filter(Boolean).join(", ")}function oe(o){o?.addEventListener("clic\
k",async t=>{if(t.ctrlKey||t.metaKey||t.
shiftKey||t.altKey)return;t.preventDefault();
let{models:e}=await Ft("names","assets/n\
ames.js");location.href=Ue(e)||o.href})}
function Ue(o){let t=o.flatMap(({slug:s,
layers:n})=>n.map(([r,i])=>({slug:s,name:r,
n:i}))),e=Math.floor(Math.random()*t.reduce(
(s,{n})=>s+n,0));for(let{slug:s,name:n,n:r}of t){
if(e<r)return`${s}/heads/${n}H${e}.html`;
e-=r}return""}var Xe=new Intl.Collator("en",{numeric:!0,
sensitivity:"base"});function ie(){for(let o of M(
HTMLTableElement,"table[data-sortable]")){
let t=M(HTMLTableCellElement,"thead th",
o);t.forEach((e,s)=>{let n=u("button",e.
textContent?.trim());n.type="button",n.addEventListener(
"click",()=>Ge(o,t,s)),e.replaceChildren(
n)})}}function Ge(o,t,e){let[s]=o.tBodies,
n=Array.from(s.rows),r=t[e].classList.contains(
"n"),i=t[e].getAttribute("aria-sort"),a=i===
null?r:i==="ascending",c=(l,d)=>r?re(l.cells[e])-
re(d.cells[e]):Xe.compare(ne(l,e),ne(d,e));
n.sort((l,d)=>a?c(d,l):c(l,d)),s.append(
...n);for(let l of t)l.removeAttribute("\
aria-sort");t[e].setAttribute("aria-sort",
a?"descending":"ascending")}var ne=(o,t)=>o.
cells[t].textContent?.trim()??"",re=o=>Number(
o.dataset.value??o.textContent);wt();var ae=new Z(pt("token-data"));ae.start();
b.onChange(()=>ae.pinAddress());ie();oe(
document.querySelector("[data-random]"));})();
