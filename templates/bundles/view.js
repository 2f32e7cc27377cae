// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function d(o,t="",e=""){let s=document.createElement(
o);return s.textContent=t,e&&(s.className=
e),s}function f(o,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",o);for(let[n,r]of Object.entries(t))
s.setAttribute(n,String(r));return e&&(s.
textContent=e),s}function A(o,{read:t=!1}={}){
return o.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function $(o,t){let e=d("span"),s=d("bdi",
o,"token");return s.translate=!1,e.append(
s,d("span",` ${t}`,"soft")),e}var v=o=>`${o}\
px`,M=(o,t)=>Math.min(t-1,Math.max(0,o));
function S(o,t=document){return t.querySelector(
o)}function w(o,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
o)}function J(o,t){for(let e of o)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var I=o=>o.altKey||o.ctrlKey||
o.metaKey;function Mt(o){return JSON.parse(
document.getElementById(o)?.textContent??
"null")}function Et(){for(let o of document.
querySelectorAll("[data-needs-script]"))
o.removeAttribute("hidden")}function P(...o){return{read:t=>o.find(e=>e===
t)??o[0],write:t=>t===o[0]?"":t}}var p={
read:o=>o??"",write:o=>o},N={read:o=>/^\d+$/.
test(o??"")?Number(o):-1,write:o=>o<0?"":
String(o)},we={read:o=>({column:(o||"hea\
d").replace(/^-/,""),down:o?.startsWith(
"-")??!1}),write:({column:o,down:t})=>o===
"head"&&!t?"":(t?"-":"")+o},ge={read:o=>o?
o.split(","):null,write:o=>o?o.join()||"\
none":""},xe={read:o=>(o??"").split(",").
filter(Boolean).map(ke),write:o=>o.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function ke(o){let t=o.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var L=class{constructor(t){
this.fields=t}read(){let{choices:t}=_t(),
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
addEventListener("hashchange",()=>{(e||!E())&&
t()})}};function _t(){let o=location.hash.
slice(1),[t,...e]=o.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):o)}}function E(){let{anchor:o}=_t(),
t=Number(o.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(o)?o:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??o}var Lt={view:P("matrix","t\
ext","arcs"),direction:P("to","from"),scale:P(
"linear","root"),sink:P("","show","hide"),
row:N,column:N},_=new L(Lt),os=new L({a:p,
b:p,text:p,...Lt}),ns=new L({pattern:p,probe:p,
value:P("score","sinkfree"),scale:P("ful\
l","fit"),label:p}),rs=new L({text:p,label:p,
probe:p,from:p,to:p,sort:we,columns:ge,range:xe,
page:N}),is=new L({x:p,y:p}),as=new L({by:p,
through:p,from:p,to:p,head:p,least:N}),cs=new L(
{a:p,b:p,pattern:p}),hs=new L({picture:p,
head:p,step:N,word:N});function ye(o,[t,e],s){let n=s.length-1,
r={ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[n,e]};if(!Object.
hasOwn(r,o))return;let i=Math.min(Math.max(
r[o][0],0),n);return[i,Math.min(Math.max(
r[o][1],0),s[i]-1)]}function St(o,t,e,s=t[0],n=void 0){
let r=s;for(let a of t)a.tabIndex=a===r?
0:-1;let i=a=>{r&&(r.tabIndex=-1),r=a,r.
tabIndex=0};o.addEventListener("focusin",
({target:a})=>{let c=t.find(l=>l===a);c&&
i(c)},{signal:n}),o.addEventListener("ke\
ydown",a=>{let c=a.target;if(I(a)||!t.includes(
c))return;let l=e(),u=l.findIndex(y=>y.includes(
c)),m=l.map(y=>y.length),g=u<0?void 0:ye(
a.key,[u,l[u].indexOf(c)],m),k=g&&l[g[0]][g[1]];
!k||k===c||(a.preventDefault(),k.focus())},
{signal:n})}var It=o=>Array.from({length:256},(t,e)=>Number.
parseInt(o.slice(6*e,6*e+6),16)),Q=It(window.
headatlas.light),be=It(window.headatlas.
dark),Tt=new Map(Q.map((o,t)=>[o,t])),Ct=matchMedia(
"(prefers-color-scheme: dark)"),$t=[],qt=!1,
H=()=>Ct.matches&&!qt?be:Q,C=Q,Z=o=>$t.push(
o);function Ot(){for(let o of $t)o()}Ct.
addEventListener("change",Ot);for(let[o,
t]of[["beforeprint",!0],["afterprint",!1]])
addEventListener(o,()=>{qt=t,Ot()});var pt=o=>`\
#${o.toString(16).padStart(6,"0")}`,K=(o,t)=>Math.
round(255*(t?Math.sqrt(o):o));function tt(o,t,e=H()){
let s=e[K(Math.min(Math.max(o,0),1),t)],
n=Ae(s)>.179;return{background:pt(s),color:n?
"#000":"#fff"}}function Ae(o){let[t,e,s]=ft(
o).map(n=>{let r=n/255;return r<=.04045?
r/12.92:((r+.055)/1.055)**2.4});return .2126*
t+.7152*e+.0722*s}var ft=o=>[16,8,0].map(
t=>o>>t&255);function Rt(o){let t=Tt.get(
o);return t===void 0&&(t=ve(o),Tt.set(o,
t)),t}function ve(o){let t=ft(o),e=Q.map(
s=>ft(s).reduce((n,r,i)=>n+(r-t[i])**2,0));
return e.indexOf(Math.min(...e))}async function et(o,t,e){await o.decode();
let s=d("canvas");[s.width,s.height]=[e,
t];let n=A(s,{read:!0});n.drawImage(o,0,
0,e,t);let r=n.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:Rt(c)}return{rows:t,columns:e,
weights:i}}function Pt({rows:o,columns:t,
weights:e}){let s=new Int16Array(e.length);
for(let n=0;n<o;n++){let r=e.subarray(n*
t,(n+1)*t),i=r.reduce((l,u)=>l+Math.max(
u,0),0),a=i-Math.max(r[0],0),c=l=>a<3?0:
Math.round(l*i/a);s.set(r.map((l,u)=>u===
0||l<0?-1:c(l)),n*t)}return{rows:o,columns:t,
weights:s}}function D(o,t,e,s=H()){[t.width,
t.height]=[o.columns,o.rows];let n=A(t,{
read:!0}),r=n.createImageData(o.columns,
o.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,l)=>{
let u=s[K(l/255,e)];return(4278190080|(u&
255)<<16|u&65280|u>>16)>>>0});o.weights.
forEach((c,l)=>{c>=0&&(i[l]=a[Math.min(c,
255)])}),n.putImageData(r,0,0)}var X=o=>(o/
255).toFixed(3),Nt=o=>o<0?null:o/255;function st({
columns:o,weights:t},e){return Array.from(
t.subarray(e*o,(e+1)*o),Nt)}function Ht({
rows:o,columns:t,weights:e},s){return Array.
from({length:o},(n,r)=>Nt(e[r*t+s]))}var ot=class{constructor(t){this.sources=
new Map(t.map(e=>[e,e.src])),this.watcher=
new IntersectionObserver(e=>this.#e(e),{
rootMargin:"50%"}),Z(()=>this.#t()),this.#t()}source(t){
return this.sources.get(t)??t.src}#t(){let t=H()===
C;for(let[e,s]of this.sources)this.watcher.
unobserve(e),t?e.src!==s&&(e.src=s):this.
watcher.observe(e),t&&delete e.dataset.painted}#e(t){
for(let{target:e,isIntersecting:s}of t)s&&
e instanceof HTMLImageElement&&(this.watcher.
unobserve(e),this.#s(e))}async#s(t){let e=new Image;
e.src=this.source(t),await e.decode();let s=d(
"canvas");D(await et(e,e.naturalHeight,e.
naturalWidth),s,!1),H()!==C&&(t.src=s.toDataURL(),
t.dataset.painted="")}};var nt=class o{static of(t){let e=w(HTMLAnchorElement,
".head-thumbnails a"),[s]=w(HTMLElement,
".example"),[n]=w(HTMLElement,".example \
.map-set");return e.length&&n?new o(t,e,
s,n):null}constructor(t,e,s,n){this.maps=
t,this.links=e,this.figure=s,this.pristine=
n.cloneNode(!0),this.heading=S("#shown-n\
ame"),this.thumbnails=new ot(e.flatMap(c=>w(
HTMLImageElement,"img",c)));for(let c of e)
c.addEventListener("click",l=>this.#t(l,
c));let r=S(".head-thumbnails"),i=w(HTMLTableRowElement,
"tr",r).map(c=>w(HTMLElement,"a",c)),a=e.
find(c=>c.ariaCurrent);St(r,e,()=>i.filter(
c=>c.length),a)}followAddress(){let t=this.
figure.id,e=()=>{let s=E()||t,n=this.links.
find(r=>r.hash===`#${s}`);n&&s!==this.figure.
id&&this.#e(n)};_.onChange(e,{anchors:!0}),
e()}#t(t,e){t.preventDefault(),this.#e(e),
this.maps.writeAddress(e.hash.slice(1)),
this.heading.scrollIntoView({block:"near\
est"})}#e(t){let e=this.pristine.cloneNode(
!0),[s]=w(HTMLImageElement,"img",t),[n]=w(
HTMLImageElement,"img.pixels",e);[n.src,
n.alt]=[this.thumbnails.source(s),s.alt],
this.figure.querySelector(".map-set")?.replaceWith(
e),this.heading.textContent=t.title;let r=document.
querySelector("#shown-labels");r&&(r.textContent=
t.dataset.labels??""),this.figure.id=t.hash.
slice(1),J(this.links,i=>i===t),this.maps.
restart(e)}};var Dt="headatlas-sink";function Ft(){try{
let o=localStorage.getItem(Dt);return o===
"hide"||o==="show"?o:""}catch{return""}}
function Wt(o){try{localStorage.setItem(
Dt,o?"hide":"show")}catch{}}var Bt=4,gt=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),Ft()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,n)=>{
let r=e?(n/Bt)**2:n/Bt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let n=this.#t();n&&s===n&&Wt(n.checked),
t()}),this.form?.addEventListener("click",
s=>{let n=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;n&&e(n)})}};
function Ut(){let o=document.querySelector(
".map-controls");return o&&Me(o),new gt(
o)}function Me(o){let t=o.dataset.offers?.
split(" ")??[];t.includes("views")&&(o.append(
zt("View","view",["matrix","text","arcs"]),
zt("Direction","direction",["to","from"],
["looks at","is looked at by"])),o.children[1].
toggleAttribute("data-direction",!0));let e=d(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=d("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],o.append(wt("label",
"Colour scale ",e),wt("label",s," set th\
e sink aside")),t.includes("saves")&&o.append(
wt("span","Download ",jt("svg")," ",jt("\
png")))}function wt(o,...t){let e=d(o,"",
"control");return e.append(...t),e}function jt(o){
let t=d("button",o.toUpperCase());return t.
type="button",t.dataset.save=o,t}function zt(o,t,e,s=e){
let n=d("fieldset","","choice");return n.
append(d("legend",o,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[d("label"),d("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),n.append(
a)}),n}var Ee=5,_e=.02,x=130,T=260,F=2*x+T,xt=4,
Le=8e3,Kt=15,Se='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',rt=class{constructor(t,e,s){
this.rows=t,this.columns=e;let n=Math.max(
t.length,e.length);this.pitch=kt(n),this.
height=n*this.pitch+2*xt,this.ratio=Math.
min(devicePixelRatio||1,Le/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=d("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
F*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[v(F),`${F} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#s(e);s>=0&&t.pin(s)})}#s(t){let e=F/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-xt)/this.pitch);return t.offsetX*
e>F/2?[-1,M(s,this.columns.length)]:[M(s,
this.rows.length),-1]}draw(t,e,s,n){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,F,this.
height),r.strokeStyle=Xt("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of bt(
t,e,s))r.globalAlpha=it(i.weight,n),this.#o(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#i(r,e,s)}#o(t,e,s){let[n,r,i]=[
x,x+T,x+T/2],[a,c]=[this.#n(e),this.#n(s)];
t.beginPath(),t.moveTo(n,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#n(t){return xt+
(t+.5)*this.pitch}#i(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Se}`,t.textBaseline=
"middle",t.textAlign="right",this.#a(t,this.
rows,x-6,e),t.textAlign="left",this.#a(t,
this.columns,x+T+6,s)}#a(t,e,s,n){let[r,
i]=[getComputedStyle(document.body).color,
Xt("--soft")];e.forEach((a,c)=>{t.fillStyle=
n<0||n===c?r:i,t.fillText(yt(a),s,this.#n(
c),x-8)})}};function kt(o){return o<=60?
19:o<=200?12:Math.max(2,Math.floor(3e3/o))}
function yt(o){return o.length>Kt?`${o.slice(
0,Kt-1)}…`:o}var it=(o,t)=>Math.min(t?
Math.sqrt(o):o,1);function bt(o,t,e){return(t>=
0?[t]:Array.from({length:o.rows},(n,r)=>r)).
flatMap(n=>Te(o,n,t>=0,e).map(([r,i])=>({
query:n,key:i,weight:r})))}function Te(o,t,e,s){
let n=st(o,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>_e);return e?n:s>=0?n.filter(([
,r])=>r===s):n.sort((r,i)=>i[0]-r[0]).slice(
0,Ee)}var Xt=o=>getComputedStyle(document.
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
scale_room:56};function At(o,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(o),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Vt=o=>o.replace(/[^\p{L}\p{N}.]+/gu,
"-");var Ce=3,$e=8e3;function W(o,t){let e=f("svg",{"font-fam\
ily":h.font,"font-size":t,fill:h.ink}),{
title_x:s,title_y:n,title_size:r,title_weight:i}=h;
return e.append(f("text",{x:s,y:n,"font-\
size":r,"font-weight":i},o)),e}var B=o=>h.
title_x+h.title_letter_width*Array.from(
o).length;function j(o,t,e){let{scale_steps:s,
scale_step_width:n,scale_tick_y:r}=h,i={
width:h.scale_rect_width,height:h.scale_height},
a=f("g",{transform:`translate(${o} ${t})`});
for(let c=0;c<s;c++)a.append(f("rect",{x:c*
n,...i,...e(c/(s-1))}));for(let c of h.scale_ticks)
a.append(f("text",{x:s*n*c,y:r,"text-anc\
hor":"middle"},String(c)));return a}function z(o,t,e){
return o.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),o.setAttribute("width",String(t)),
o.setAttribute("height",String(e)),o.prepend(
f("rect",{width:t,height:e,fill:h.paper})),
o}async function Gt(o,t,e){let s=new XMLSerializer().
serializeToString(o),n=`${Vt(t)}.${e}`;return e===
"svg"?At(new Blob([s],{type:"image/svg+x\
ml"}),n):(await qe(s,Number(o.getAttribute(
"width")),Number(o.getAttribute("height")))).
toBlob(i=>i&&At(i,n))}async function qe(o,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(o)}`,
await s.decode();let n=d("canvas"),r=Math.
min(Ce,$e/Math.max(t,e));return[n.width,
n.height]=[Math.round(t*r),Math.round(e*
r)],A(n).drawImage(s,0,0,n.width,n.height),
n}var Jt="#1d4f91",Oe="#5d6167",Re=10;function Qt({
weights:o,rows:t,columns:e,title:s,squareRoot:n,
query:r,key:i}){let a=Math.max(t.length,
e.length),c=kt(a),l=h.title_room,u=R=>l+
(R+.5)*c,m=W(s,h.font_size);m.append(Pe(
bt(o,r,i),u,n)),c>=Re&&(m.append(Yt(t,x-
6,"end",u,r)),m.append(Yt(e,x+T+6,"start",
u,i)));let g=l+a*c+h.scale_gap,k=h.scale_step_width,
y=R=>({width:k,fill:Jt,"fill-opacity":it(
R,n)});m.append(j(x,g,y));let U=Math.max(
2*x+T,B(s)+h.right_margin);return z(m,U,
g+h.scale_room-h.scale_gap)}function Pe(o,t,e){
let s=f("g",{fill:"none",stroke:Jt,"stro\
ke-width":2}),[n,r,i]=[x,x+T,x+T/2];for(let{
query:a,key:c,weight:l}of o){let[u,m]=[t(
a),t(c)],g=`M${n} ${u}C${i} ${u} ${i} ${m}\
 ${r} ${m}`;s.append(f("path",{d:g,"stro\
ke-opacity":Number(it(l,e).toFixed(3))}))}
return s}function Yt(o,t,e,s,n){let r=f(
"g",{"font-family":h.token_font,"text-an\
chor":e});return o.forEach((i,a)=>{let c=n<
0||n===a?h.ink:Oe;r.append(f("text",{x:t,
y:s(a)+h.baseline,fill:c},yt(i)))}),r}function te(o){let{rows:t,columns:e,title:s,
squareRoot:n}=o,r=Ne(t,e),i=W(s,h.font_size),
a=r.top+r.height+h.scale_gap,c=j(r.left,
a,m=>({fill:at(m,n)}));i.append(De(o,r),
Fe(t,e,r),c);let u=Math.max(r.left+Math.
max(r.width,h.min_width),B(s))+h.right_margin;
return z(i,u,r.top+r.height+h.scale_room)}
function Ne(o,t){let e=Math.max(o.length,
t.length)>h.max_cells,s=e?h.small_cell:h.
cell,n=a=>e?h.number_room:He(a),[r,i]=[n(
o),n(t)+h.title_room];return{long:e,cell:s,
left:r,top:i,width:t.length*s,height:o.length*
s}}function He(o){let t=Math.max(...o.map(
e=>ee(e).length));return h.token_margin+
h.letter_width*t}function ee(o){return o.
length>h.max_letters?`${o.slice(0,h.max_letters-
1)}…`:o}function De({weights:o,squareRoot:t},{
long:e,cell:s,left:n,top:r,width:i,height:a}){
let c=f("g",{transform:`translate(${n} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let l=d("canvas");return D(o,l,t,C),c.append(
f("image",{href:l.toDataURL(),width:i,height:a,
style:"image-rendering: pixelated"})),c}
return o.weights.forEach((l,u)=>{if(l<0)
return;let[m,g]=[u%o.columns*s,Math.floor(
u/o.columns)*s];c.append(f("rect",{x:m,y:g,
width:s,height:s,fill:at(l/255,t)}))}),c}
var at=(o,t)=>pt(C[K(o,t)]);function Fe(o,t,{
long:e,cell:s,left:n,top:r}){let{token_gap:i,
baseline:a}=h,c=f("g",{"font-family":h.token_font});
for(let[l,u]of Zt(o,e)){let m=r+(l+.5)*s+
a;c.append(f("text",{x:n-i,y:m,"text-anc\
hor":"end"},u))}for(let[l,u]of Zt(t,e)){
let m=n+(l+.5)*s+a;c.append(f("text",{transform:`\
translate(${m} ${r-i}) rotate(-90)`},u))}
return c}function Zt(o,t){let e=o.map((s,n)=>[
n,t?String(n):ee(s)]);return t?e.filter(
([s])=>s%h.number_step===0):e}var ne=640,re=20,se=16,ie=2,oe=12;function ae(o,t,e){
let s=W(t,h.font_size),n=h.title_room+h.
title_x;for(let i of o){let a=We(i.tokens,
n),c=f("g",{"font-family":h.token_font});
c.append(...i.tokens.flatMap((l,u)=>Be(l,
a[u],i,u,e))),s.append(c),n=(a.at(-1)?.y??
n)+re+oe}s.append(j(h.title_x+oe,n,i=>({
fill:at(i,e)})));let r=Math.max(ne,B(t))+
h.right_margin;return z(s,r,n+h.scale_room-
h.scale_gap)}function We(o,t){let e=A(d(
"canvas"));e.font=`${h.font_size}px ${h.
token_font}`;let[s,n]=[h.title_x,t];return o.
map(r=>{let i=e.measureText(r).width+2*ie;
s+i>ne&&s>h.title_x&&([s,n]=[h.title_x,n+
re]);let a={x:s,y:n,width:i};return s+=i+
1,a})}function Be(o,{x:t,y:e,width:s},{weights:n,
chosen:r},i,a){let c=n?.[i]??null,l=c===
null?null:tt(c,a,C),u=i===r?{stroke:h.ink,
"stroke-width":1.5}:{},m=f("rect",{x:t,y:e,
width:s,height:se,fill:l?.background??h.
paper,...u}),g=l?.color??h.ink;return[m,
f("text",{x:t+ie,y:e+se/2+h.baseline,fill:g},
o)]}function ce(o,t,e,s){let{view:n}=t,{query:r,
key:i}=o.current(),a=n==="matrix"?"":ze(
o,r,i),c=je(o,t,a?`${e}: ${a}`:e),l=n===
"matrix"?[]:[n,r>=0?`row ${r}`:i>=0?`col\
umn ${i}`:""];return Gt(c,[e,...l].filter(
Boolean).join(", "),s)}function je(o,{view:t,
squareRoot:e},s){let{rows:n,columns:r}=o,
i=o.maps[0].shown;return t==="text"?ae(o.
shadedTexts(),s,e):t==="arcs"?Qt({weights:i,
rows:n,columns:r,title:s,squareRoot:e,...o.
arcsShown()}):te({weights:i,rows:n,columns:r,
title:s,squareRoot:e})}function ze(o,t,e){
return t>=0&&(o.readsRows()||e<0)?`what ${o.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${o.columns[e]} ${e}`:""}var q=Object.freeze({query:-1,key:-1}),b=o=>o.
query<0&&o.key<0,O=o=>o.query>=0&&o.key>=
0,Ue=["kept","row","column","cell","row-\
tag","column-tag"],ct=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
Ke(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Ue.map(n=>[n,Xe(n)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=d("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Pt(this.measured):
this.measured,D(this.shown,this.canvas,e)}cellAt(t){
let{rows:e,columns:s}=this.shown;return{
query:M(Math.floor(t.offsetY/this.canvas.
clientHeight*e),e),key:M(Math.floor(t.offsetX/
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
r[i.indexOf(a)]:q}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":X(e)}mark(t,e,s){
let{rows:n,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#o();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,n],c),this.#e("cell",O(t),[a,i,1,1],c);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,n];this.#e("kept",!b(e),l,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
v(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=v(c.left+(a+.5)*c.cell)}#e(t,e,[
s,n,r,i],{cell:a,height:c,left:l,top:u}){
let m=this.marks[t];m.hidden=!e,m.style.
left=v(l+s*a),m.style.top=v(u+n*c),m.style.
width=v(r*a),m.style.height=v(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(d("bdi",e))}#o(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:n}=this.canvas;return{cell:s/
this.shown.columns,height:n/this.shown.rows,
left:t,top:e}}};function Ke(o,{rows:t,columns:e},s){
let n=d("canvas","","pixels");return n.style.
setProperty("--rows",String(t)),n.style.
setProperty("--columns",String(e)),n.tabIndex=
0,n.setAttribute("role","application"),n.
setAttribute("aria-roledescription","hea\
tmap"),n.setAttribute("aria-label",`${o}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),n.setAttribute("aria-d\
escribedby",s),n}function Xe(o){let t=d(
"div","",`mark-${o}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var Ve=[255,120,0],Ge=.8;async function he(o){
let t=new Image;t.src=o,await t.decode();
let e=d("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=A(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function le(o,t,[e,
s],n){let{width:r,height:i,data:a}=t;[o.
width,o.height]=[r,i];let c=A(o);if(!n)return c.
putImageData(t,0,0);let l=Math.max(...Array.
from(n))||1,u=c.createImageData(r,i);for(let m=0;m<
i;m++){let g=s*Math.floor(m*e/i);for(let k=0;k<
r;k++){let y=4*(m*r+k),U=.299*a[y]+.587*
a[y+1]+.114*a[y+2],R=Ge*n[g+Math.floor(k*
s/r)]/l;for(let Y=0;Y<3;Y++)u.data[y+Y]=
U*(1-R)+Ve[Y]*R;u.data[y+3]=255}}c.putImageData(
u,0,0)}function de(o,[t,e],s){o.hidden=s<
0,o.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),o.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
o.style.width=`${100/e}%`,o.style.height=
`${100/t}%`}var ht=class o{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=S("img, canvas",e);return(s instanceof
HTMLImageElement?await o.#t(e,s):ue.get(
e))??null}static async#t(t,e){let s=new o(
t,await he(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,ue.set(t,s),s}constructor(t,e){
let{rows:s,columns:n,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(n)],this.queries=Number(r),this.
keys=Number(i),this.canvas=d("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=S(".spot",t),this.words=S("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:n,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&s>=0&&this.queries>=0,l=Array.from(
{length:a||c?i:0},(g,k)=>{let[y,U]=a?[e,
this.keys+k]:[this.queries+k,s];return Math.
max(0,t.weights[y*t.columns+U])});le(this.
canvas,this.pixels,this.grid,l.length?l:
null);let u=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,m=(e>=0?this.queries:
this.keys)>=0&&u>=0&&u<i;de(this.spot,this.
grid,m&&(e>=0||s>=0)?u:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${n[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},ue=new WeakMap;var me={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
Ye="Point at a map: all show the same pa\
ir of tokens.",lt=class{constructor(t,e,s,n){
this.rows=e,this.columns=s,this.many=n,this.
view="matrix",this.hint=d("span",n?Ye:me.
matrix,"hint"),this.root=d("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
me[t==="text"&&!e?"text, from":t])}say(t,e,s){
b(t)?this.root.replaceChildren(this.hint):
O(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:n,key:r}=t,i=n>=0?$(this.rows[n],
n):$(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),n=t.query>=0;if(b(s))
return[n?" looks at nothing that is show\
n":" is looked at by none"];let r=n?$(this.
columns[s.key],s.key):$(this.rows[s.query],
s.query);return[n?" looks most at ":" is\
 looked at most by ",r,", ",d("b",X(e.weightAt(
s)))]}#s(t,e){let{query:s,key:n}=t,[r,i]=[
$(this.rows[s],s),$(this.columns[n],n)];
this.root.replaceChildren(r," → ",i,...this.#o(
t,e))}#o(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",d("b",X(s))]}};var V=class{constructor(t,e,s){this.on=s,
this.root=d("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(Je),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,n){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:tt(a,n);r.style.background=
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
this.on.over(t)}#o(t,e){if(I(t))return;let s=this.
spans.length-1,n={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in n)this.spans[M(n[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function Je(o){let t=d("bdi",o,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var fe=9,dt=class o{#t=q;#e=q;#s=null;#o=null;#n=null;followers=[];static async start(t,e,s,n,r=et){
let i=new o(t,e,s,n,r);await i.#i(),i.many||
i.#a(),i.#n=await ht.of(t);for(let a of i.
maps)i.#x(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:s,
text:n},r,i,a){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=n??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new lt(`readout-${t.dataset.maps}`,this.
rows,this.columns,this.many),t.prepend(this.
readout.root)}async#i(){let t=w(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,n)=>new ct(s,e[n],this.readout.
root.id))}#a(){let t=d("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",s=this.#c(()=>this.readsRows()),
n=new V(this.text,e,s);t.append(n.root);
let r=null;if(this.twoTexts){let i=this.#c(
()=>!1);r=new V(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:n,columns:r}}#c(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#r(e(s)),out:()=>this.#l(),
pin:s=>this.#h(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let n of this.
maps)n.paint(s,e);this.root.dataset.view===
"arcs"&&this.#p(),this.#d(b(this.#t)?this.#e:
this.#t),this.fit(),this.#u()}#p(){if(this.#o)
return;this.#o=new rt(this.rows,this.columns,
{over:(e,s)=>this.#r({query:e,key:s}),out:()=>this.#l(),
pin:e=>this.#h({query:e,key:-1})});let t=d(
"div","","scroll arcs-view");t.append(this.#o.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#m()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=fe)return;let n=e.clientWidth-
S(".axis-rows",e).offsetWidth-8,r=this.columns.
length;n>0&&s*r>n&&t.setProperty("--cell",
v(Math.max(fe,Math.floor(n/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(b(this.#t)?
t:this.#t),this.#u()}#h(t){this.pin(pe(t,
this.#e)?q:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#r(q)}follow(t){
pe(t,this.#t)||(this.#t=t,this.#d(b(t)?this.#e:
t),this.#u())}#d(t){this.readout.say(t,!b(
this.#e),this.maps[0]);for(let e of this.
maps)b(t)?e.sayWeight(null):O(t)&&e.sayWeight(
t)}#u(){this.#w(),this.root.dataset.view===
"arcs"&&this.#g(),this.#m()}current(){return b(
this.#e)?this.#t:this.#e}#w(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!b(this.#e),
this.choices()],{rows:s,columns:n}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&n?n:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],n=t>=0&&(this.readsRows()||e<0),
r=n?st(s,t):null,i=!n&&e>=0?Ht(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#g(){let{query:t,
key:e}=this.arcsShown();this.#o?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#m(){
let t=b(this.#t)?this.#e:this.#t;this.#n?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#x(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#r(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#r(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#h(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let n=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!n&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#r(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",s=>this.#k(
s,t))}#k(t,e){let s=this.#y(e)[t.key];!s||
I(t)||(t.preventDefault(),t.stopPropagation(),
s())}#y(t){let e=(s,n)=>()=>this.#b(t,s,
n);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#f(t),
" ":()=>this.#f(t),Escape:()=>{this.many||
this.pin(q)}}}#b(t,e,s){let{query:n,key:r}=this.#t;
O(this.#t)?this.#r({query:M(n+e,this.rows.
length),key:M(r+s,this.columns.length)}):
this.#r(t.start())}#f(t){O(this.#t)||this.#r(
t.start()),this.many||this.#h(this.#t)}},
pe=(o,t)=>o.query===t.query&&o.key===t.key;var G=o=>o.closest(".example")?.id??"",ut=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
Ut(),this.sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#s(),this.controls.listen(()=>this.#n(),
s=>this.#c(s)),Z(()=>this.#a()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=w(HTMLElement,".map-set"),e=E(),s=t.
find(n=>e&&G(n)===e)??t[0];s&&this.#e(s);
for(let n of t)n!==s&&this.watcher.observe(
n)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await dt.start(t,e,()=>this.controls.choices(),
({query:n,key:r})=>this.writeAddress(G(t),
{row:n,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#o(s))}#s(){let{
sink:t,row:e,column:s}=_.read();!t&&this.
controls.recallSink()&&this.writeAddress(
E(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(_.read()),this.#i()}pinAddress(){
for(let t of this.sets)this.#o(t)}#o(t){
let e=E();if(e&&e!==G(t.root))return;let{
row:s,column:n}=_.read(),r=s<t.rows.length?
s:-1,i=n<t.columns.length?n:-1;t.keep({query:r,
key:i})}writeAddress(t,e={},s={}){_.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return _.format(this.controls.state(),t)}#n(){
this.#i();let{row:t,column:e}=_.read();this.
writeAddress(E(),{row:t,column:e})}#i(){
this.controls.explain(),this.#a()}#a(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)G(e.root)===t&&e.repaint()}#c(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&ce(e,this.controls.choices(),Qe(G(e.root)),
t)}};function Qe(o){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),s=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
n=o&&document.querySelector(`.examples a\
[href="#${o}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
s)?"":s,n].filter(Boolean).join(", ")}var Ze=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),ts="select, input, \
textarea, canvas, .scroll",mt=class{constructor(t){
this.maps=t,this.links=w(HTMLAnchorElement,
".examples a"),this.sections=w(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=E(),s=this.sections.some(({id:n})=>n===
t)?t:this.sections[0]?.id;for(let n of this.
sections)n.hidden=n.id!==s;J(this.links,
n=>n.hash===`#${s}`),this.maps.repaintSection(
s)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#s(e,t));for(let t of w(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#o(t));document.addEventListener(
"keydown",t=>this.#n(t)),_.onChange(()=>this.#i(),
{anchors:!0})}#s(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#o(t){t.
hash=this.maps.formatAddress(E())}#n(t){
let e=Ze.get(t.key);!e||I(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(ts)||w(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#i(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};Et();var vt=new ut(Mt("token-data")),es=nt.
of(vt);vt.start();new mt(vt).start();es?.
followAddress();})();
