// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function d(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function m(n,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[o,r]of Object.entries(t))
s.setAttribute(o,String(r));return e&&(s.
textContent=e),s}function A(n,{read:t=!1}={}){
return n.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function $(n,t){let e=d("span"),s=d("bdi",
n,"token");return s.translate=!1,e.append(
s,d("span",` ${t}`,"soft")),e}var v=n=>`${n}\
px`,M=(n,t)=>Math.min(t-1,Math.max(0,n));
function L(n,t=document){return t.querySelector(
n)}function g(n,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
n)}function J(n,t){for(let e of n)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var I=n=>n.altKey||n.ctrlKey||
n.metaKey;function Mt(n){return JSON.parse(
document.getElementById(n)?.textContent??
"null")}function Et(){for(let n of document.
querySelectorAll("[data-needs-script]"))
n.removeAttribute("hidden")}function N(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var p={
read:n=>n??"",write:n=>n},P={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},we={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},ge={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},xe={read:n=>(n??"").split(",").
filter(Boolean).map(ye),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function ye(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var S=class{constructor(t){
this.fields=t}read(){let{choices:t}=_t(),
e=Object.entries(this.fields).map(([s,o])=>[
s,o.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let i=o in t?r.write(t[o]):"";i&&s.set(o,
i)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!E())&&
t()})}};function _t(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function E(){let{anchor:n}=_t(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var St={view:N("matrix","t\
ext","arcs"),direction:N("to","from"),scale:N(
"linear","root"),sink:N("","show","hide"),
row:P,column:P},_=new S(St),ns=new S({a:p,
b:p,text:p,...St}),os=new S({pattern:p,probe:p,
value:N("score","sinkfree"),scale:N("ful\
l","fit"),label:p}),rs=new S({text:p,label:p,
probe:p,from:p,to:p,sort:we,columns:ge,range:xe,
page:P}),is=new S({x:p,y:p}),as=new S({by:p,
through:p,from:p,to:p,head:p,least:P}),cs=new S(
{a:p,b:p,pattern:p}),hs=new S({picture:p,
head:p,step:P,word:P});function ke(n,[t,e],s){let o=s.length-1,
r={ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[o,e]};if(!Object.
hasOwn(r,n))return;let i=Math.min(Math.max(
r[n][0],0),o);return[i,Math.min(Math.max(
r[n][1],0),s[i]-1)]}function Lt(n,t,e,s=t[0],o=void 0){
let r=s;for(let a of t)a.tabIndex=a===r?
0:-1;let i=a=>{r&&(r.tabIndex=-1),r=a,r.
tabIndex=0};n.addEventListener("focusin",
({target:a})=>{let c=t.find(l=>l===a);c&&
i(c)},{signal:o}),n.addEventListener("ke\
ydown",a=>{let c=a.target;if(I(a)||!t.includes(
c))return;let l=e(),f=l.findIndex(k=>k.includes(
c)),u=l.map(k=>k.length),w=f<0?void 0:ke(
a.key,[f,l[f].indexOf(c)],u),y=w&&l[w[0]][w[1]];
!y||y===c||(a.preventDefault(),y.focus())},
{signal:o})}var It=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),Q=It(window.
headatlas.light),be=It(window.headatlas.
dark),Tt=new Map(Q.map((n,t)=>[n,t])),Ct=matchMedia(
"(prefers-color-scheme: dark)"),$t=[],Ot=!1,
H=()=>Ct.matches&&!Ot?be:Q,C=Q,Z=n=>$t.push(
n);function qt(){for(let n of $t)n()}Ct.
addEventListener("change",qt);for(let[n,
t]of[["beforeprint",!0],["afterprint",!1]])
addEventListener(n,()=>{Ot=t,qt()});var pt=n=>`\
#${n.toString(16).padStart(6,"0")}`,K=(n,t)=>Math.
round(255*(t?Math.sqrt(n):n));function tt(n,t,e=H()){
let s=e[K(Math.min(Math.max(n,0),1),t)],
o=Ae(s)>.179;return{background:pt(s),color:o?
"#000":"#fff"}}function Ae(n){let[t,e,s]=mt(
n).map(o=>{let r=o/255;return r<=.04045?
r/12.92:((r+.055)/1.055)**2.4});return .2126*
t+.7152*e+.0722*s}var mt=n=>[16,8,0].map(
t=>n>>t&255);function Rt(n){let t=Tt.get(
n);return t===void 0&&(t=ve(n),Tt.set(n,
t)),t}function ve(n){let t=mt(n),e=Q.map(
s=>mt(s).reduce((o,r,i)=>o+(r-t[i])**2,0));
return e.indexOf(Math.min(...e))}async function et(n,t,e){await n.decode();
let s=d("canvas");[s.width,s.height]=[e,
t];let o=A(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:Rt(c)}return{rows:t,columns:e,
weights:i}}function Nt({rows:n,columns:t,
weights:e,rests:s=[]}){let o=new Set([0,
...s]),r=new Int16Array(e.length);for(let i=0;i<
n;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((u,w)=>u+Math.max(w,0),0),l=c;for(let u of o)
l-=Math.max(a[u],0);let f=u=>l<3?0:Math.
round(u*c/l);r.set(a.map((u,w)=>u<0||o.has(
w)?-1:f(u)),i*t)}return{rows:n,columns:t,
weights:r}}function D(n,t,e,s=H()){[t.width,
t.height]=[n.columns,n.rows];let o=A(t,{
read:!0}),r=o.createImageData(n.columns,
n.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,l)=>{
let f=s[K(l/255,e)];return(4278190080|(f&
255)<<16|f&65280|f>>16)>>>0});n.weights.
forEach((c,l)=>{c>=0&&(i[l]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var X=n=>(n/
255).toFixed(3),Pt=n=>n<0?null:n/255;function st({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),Pt)}function Ht({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>Pt(e[r*t+s]))}var nt=class{constructor(t){this.sources=
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
t.dataset.painted="")}};var ot=class n{static of(t){let e=g(HTMLAnchorElement,
".head-thumbnails a"),[s]=g(HTMLElement,
".example"),[o]=g(HTMLElement,".example \
.map-set");return e.length&&o?new n(t,e,
s,o):null}constructor(t,e,s,o){this.maps=
t,this.links=e,this.figure=s,this.pristine=
o.cloneNode(!0),this.heading=L("#shown-n\
ame"),this.thumbnails=new nt(e.flatMap(c=>g(
HTMLImageElement,"img",c)));for(let c of e)
c.addEventListener("click",l=>this.#t(l,
c));let r=L(".head-thumbnails"),i=g(HTMLTableRowElement,
"tr",r).map(c=>g(HTMLElement,"a",c)),a=e.
find(c=>c.ariaCurrent);Lt(r,e,()=>i.filter(
c=>c.length),a)}followAddress(){let t=this.
figure.id,e=()=>{let s=E()||t,o=this.links.
find(r=>r.hash===`#${s}`);o&&s!==this.figure.
id&&this.#e(o)};_.onChange(e,{anchors:!0}),
e()}#t(t,e){t.preventDefault(),this.#e(e),
this.maps.writeAddress(e.hash.slice(1)),
this.heading.scrollIntoView({block:"near\
est"})}#e(t){let e=this.pristine.cloneNode(
!0),[s]=g(HTMLImageElement,"img",t),[o]=g(
HTMLImageElement,"img.pixels",e);[o.src,
o.alt]=[this.thumbnails.source(s),s.alt],
this.figure.querySelector(".map-set")?.replaceWith(
e),this.heading.textContent=t.title;let r=document.
querySelector("#shown-labels");r&&(r.textContent=
t.dataset.labels??""),this.figure.id=t.hash.
slice(1),J(this.links,i=>i===t),this.maps.
restart(e)}};var Dt="headatlas-sink";function Ft(){try{
let n=localStorage.getItem(Dt);return n===
"hide"||n==="show"?n:""}catch{return""}}
function Wt(n){try{localStorage.setItem(
Dt,n?"hide":"show")}catch{}}var Bt=4,gt=class{constructor(t){this.form=
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
direction","scale"]){let o=this.form?.elements.
namedItem(s);(o instanceof RadioNodeList||
o instanceof HTMLSelectElement)&&(o.value=
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
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/Bt)**2:o/Bt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&Wt(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function zt(){let n=document.querySelector(
".map-controls");return n&&Me(n),new gt(
n)}function Me(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Ut("View","view",["matrix","text","arcs"]),
Ut("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=d(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=d("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(wt("label",
"Colour scale ",e),wt("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
wt("span","Download ",jt("svg")," ",jt("\
png")))}function wt(n,...t){let e=d(n,"",
"control");return e.append(...t),e}function jt(n){
let t=d("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Ut(n,t,e,s=e){
let o=d("fieldset","","choice");return o.
append(d("legend",n,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[d("label"),d("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),o.append(
a)}),o}var Ee=5,_e=.02,x=130,T=260,F=2*x+T,xt=4,
Se=8e3,Kt=15,Le='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',rt=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=yt(o),this.
height=o*this.pitch+2*xt,this.ratio=Math.
min(devicePixelRatio||1,Se/this.height),
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
this.rows.length),-1]}draw(t,e,s,o){let r=A(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,F,this.
height),r.strokeStyle=Xt("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of bt(
t,e,s))r.globalAlpha=it(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#i(r,e,s)}#n(t,e,s){let[o,r,i]=[
x,x+T,x+T/2],[a,c]=[this.#o(e),this.#o(s)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#o(t){return xt+
(t+.5)*this.pitch}#i(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Le}`,t.textBaseline=
"middle",t.textAlign="right",this.#a(t,this.
rows,x-6,e),t.textAlign="left",this.#a(t,
this.columns,x+T+6,s)}#a(t,e,s,o){let[r,
i]=[getComputedStyle(document.body).color,
Xt("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(kt(a),s,this.#o(
c),x-8)})}};function yt(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function kt(n){return n.length>Kt?`${n.slice(
0,Kt-1)}…`:n}var it=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function bt(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>Te(n,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Te(n,t,e,s){
let o=st(n,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>_e);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,i)=>i[0]-r[0]).slice(
0,Ee)}var Xt=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var h={font:"ui-sans-serif, Helvetica, A\
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
scale_room:56};function At(n,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(n),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Gt=n=>n.replace(/[^\p{L}\p{N}.]+/gu,
"-");var Ce=3,$e=8e3;function W(n,t){let e=m("svg",{"font-fam\
ily":h.font,"font-size":t,fill:h.ink}),{
title_x:s,title_y:o,title_size:r,title_weight:i}=h;
return e.append(m("text",{x:s,y:o,"font-\
size":r,"font-weight":i},n)),e}var B=n=>h.
title_x+h.title_letter_width*Array.from(
n).length;function j(n,t,e){let{scale_steps:s,
scale_step_width:o,scale_tick_y:r}=h,i={
width:h.scale_rect_width,height:h.scale_height},
a=m("g",{transform:`translate(${n} ${t})`});
for(let c=0;c<s;c++)a.append(m("rect",{x:c*
o,...i,...e(c/(s-1))}));for(let c of h.scale_ticks)
a.append(m("text",{x:s*o*c,y:r,"text-anc\
hor":"middle"},String(c)));return a}function U(n,t,e){
return n.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),n.setAttribute("width",String(t)),
n.setAttribute("height",String(e)),n.prepend(
m("rect",{width:t,height:e,fill:h.paper})),
n}async function Vt(n,t,e){let s=new XMLSerializer().
serializeToString(n),o=`${Gt(t)}.${e}`;return e===
"svg"?At(new Blob([s],{type:"image/svg+x\
ml"}),o):(await Oe(s,Number(n.getAttribute(
"width")),Number(n.getAttribute("height")))).
toBlob(i=>i&&At(i,o))}async function Oe(n,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(n)}`,
await s.decode();let o=d("canvas"),r=Math.
min(Ce,$e/Math.max(t,e));return[o.width,
o.height]=[Math.round(t*r),Math.round(e*
r)],A(o).drawImage(s,0,0,o.width,o.height),
o}var Jt="#1d4f91",qe="#5d6167",Re=10;function Qt({
weights:n,rows:t,columns:e,title:s,squareRoot:o,
query:r,key:i}){let a=Math.max(t.length,
e.length),c=yt(a),l=h.title_room,f=R=>l+
(R+.5)*c,u=W(s,h.font_size);u.append(Ne(
bt(n,r,i),f,o)),c>=Re&&(u.append(Yt(t,x-
6,"end",f,r)),u.append(Yt(e,x+T+6,"start",
f,i)));let w=l+a*c+h.scale_gap,y=h.scale_step_width,
k=R=>({width:y,fill:Jt,"fill-opacity":it(
R,o)});u.append(j(x,w,k));let z=Math.max(
2*x+T,B(s)+h.right_margin);return U(u,z,
w+h.scale_room-h.scale_gap)}function Ne(n,t,e){
let s=m("g",{fill:"none",stroke:Jt,"stro\
ke-width":2}),[o,r,i]=[x,x+T,x+T/2];for(let{
query:a,key:c,weight:l}of n){let[f,u]=[t(
a),t(c)],w=`M${o} ${f}C${i} ${f} ${i} ${u}\
 ${r} ${u}`;s.append(m("path",{d:w,"stro\
ke-opacity":Number(it(l,e).toFixed(3))}))}
return s}function Yt(n,t,e,s,o){let r=m(
"g",{"font-family":h.token_font,"text-an\
chor":e});return n.forEach((i,a)=>{let c=o<
0||o===a?h.ink:qe;r.append(m("text",{x:t,
y:s(a)+h.baseline,fill:c},kt(i)))}),r}function te(n){let{rows:t,columns:e,title:s,
squareRoot:o}=n,r=Pe(t,e),i=W(s,h.font_size),
a=r.top+r.height+h.scale_gap,c=j(r.left,
a,u=>({fill:at(u,o)}));i.append(De(n,r),
Fe(t,e,r),c);let f=Math.max(r.left+Math.
max(r.width,h.min_width),B(s))+h.right_margin;
return U(i,f,r.top+r.height+h.scale_room)}
function Pe(n,t){let e=Math.max(n.length,
t.length)>h.max_cells,s=e?h.small_cell:h.
cell,o=a=>e?h.number_room:He(a),[r,i]=[o(
n),o(t)+h.title_room];return{long:e,cell:s,
left:r,top:i,width:t.length*s,height:n.length*
s}}function He(n){let t=Math.max(...n.map(
e=>ee(e).length));return h.token_margin+
h.letter_width*t}function ee(n){return n.
length>h.max_letters?`${n.slice(0,h.max_letters-
1)}…`:n}function De({weights:n,squareRoot:t},{
long:e,cell:s,left:o,top:r,width:i,height:a}){
let c=m("g",{transform:`translate(${o} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let l=d("canvas");return D(n,l,t,C),c.append(
m("image",{href:l.toDataURL(),width:i,height:a,
style:"image-rendering: pixelated"})),c}
return n.weights.forEach((l,f)=>{if(l<0)
return;let[u,w]=[f%n.columns*s,Math.floor(
f/n.columns)*s];c.append(m("rect",{x:u,y:w,
width:s,height:s,fill:at(l/255,t)}))}),c}
var at=(n,t)=>pt(C[K(n,t)]);function Fe(n,t,{
long:e,cell:s,left:o,top:r}){let{token_gap:i,
baseline:a}=h,c=m("g",{"font-family":h.token_font});
for(let[l,f]of Zt(n,e)){let u=r+(l+.5)*s+
a;c.append(m("text",{x:o-i,y:u,"text-anc\
hor":"end"},f))}for(let[l,f]of Zt(t,e)){
let u=o+(l+.5)*s+a;c.append(m("text",{transform:`\
translate(${u} ${r-i}) rotate(-90)`},f))}
return c}function Zt(n,t){let e=n.map((s,o)=>[
o,t?String(o):ee(s)]);return t?e.filter(
([s])=>s%h.number_step===0):e}var oe=640,re=20,se=16,ie=2,ne=12;function ae(n,t,e){
let s=W(t,h.font_size),o=h.title_room+h.
title_x;for(let i of n){let a=We(i.tokens,
o),c=m("g",{"font-family":h.token_font});
c.append(...i.tokens.flatMap((l,f)=>Be(l,
a[f],i,f,e))),s.append(c),o=(a.at(-1)?.y??
o)+re+ne}s.append(j(h.title_x+ne,o,i=>({
fill:at(i,e)})));let r=Math.max(oe,B(t))+
h.right_margin;return U(s,r,o+h.scale_room-
h.scale_gap)}function We(n,t){let e=A(d(
"canvas"));e.font=`${h.font_size}px ${h.
token_font}`;let[s,o]=[h.title_x,t];return n.
map(r=>{let i=e.measureText(r).width+2*ie;
s+i>oe&&s>h.title_x&&([s,o]=[h.title_x,o+
re]);let a={x:s,y:o,width:i};return s+=i+
1,a})}function Be(n,{x:t,y:e,width:s},{weights:o,
chosen:r},i,a){let c=o?.[i]??null,l=c===
null?null:tt(c,a,C),f=i===r?{stroke:h.ink,
"stroke-width":1.5}:{},u=m("rect",{x:t,y:e,
width:s,height:se,fill:l?.background??h.
paper,...f}),w=l?.color??h.ink;return[u,
m("text",{x:t+ie,y:e+se/2+h.baseline,fill:w},
n)]}function ce(n,t,e,s){let{view:o}=t,{query:r,
key:i}=n.current(),a=o==="matrix"?"":Ue(
n,r,i),c=je(n,t,a?`${e}: ${a}`:e),l=o===
"matrix"?[]:[o,r>=0?`row ${r}`:i>=0?`col\
umn ${i}`:""];return Vt(c,[e,...l].filter(
Boolean).join(", "),s)}function je(n,{view:t,
squareRoot:e},s){let{rows:o,columns:r}=n,
i=n.maps[0].shown;return t==="text"?ae(n.
shadedTexts(),s,e):t==="arcs"?Qt({weights:i,
rows:o,columns:r,title:s,squareRoot:e,...n.
arcsShown()}):te({weights:i,rows:o,columns:r,
title:s,squareRoot:e})}function Ue(n,t,e){
return t>=0&&(n.readsRows()||e<0)?`what ${n.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${n.columns[e]} ${e}`:""}var O=Object.freeze({query:-1,key:-1}),b=n=>n.
query<0&&n.key<0,q=n=>n.query>=0&&n.key>=
0,ze=["kept","row","column","cell","row-\
tag","column-tag"],ct=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
Ke(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(ze.map(o=>[o,Xe(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=d("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Nt(this.measured):
this.measured,D(this.shown,this.canvas,e)}cellAt(t){
let{rows:e,columns:s}=this.shown;return{
query:M(Math.floor(t.offsetY/this.canvas.
clientHeight*e),e),key:M(Math.floor(t.offsetX/
this.canvas.clientWidth*s),s)}}start(){let{
rows:t,columns:e,weights:s}=this.shown,o=s.
subarray(e*(t-1),e*t);return{query:t-1,key:o.
indexOf(Math.max(...o))}}weightAt({query:t,
key:e}){return this.shown.weights[t*this.
shown.columns+e]}strongest({query:t,key:e}){
let{rows:s,columns:o}=this.shown,r=Array.
from({length:t>=0?o:s},(c,l)=>t>=0?{query:t,
key:l}:{query:l,key:e}),i=r.map(c=>this.
weightAt(c)),a=Math.max(...i);return a>0?
r[i.indexOf(a)]:O}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":X(e)}mark(t,e,s){
let{rows:o,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#n();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,o],c),this.#e("cell",q(t),[a,i,1,1],c);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!b(e),l,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
v(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=v(c.left+(a+.5)*c.cell)}#e(t,e,[
s,o,r,i],{cell:a,height:c,left:l,top:f}){
let u=this.marks[t];u.hidden=!e,u.style.
left=v(l+s*a),u.style.top=v(f+o*c),u.style.
width=v(r*a),u.style.height=v(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(d("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function Ke(n,{rows:t,columns:e},s){
let o=d("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function Xe(n){let t=d(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var Ge=[255,120,0],Ve=.8;async function he(n){
let t=new Image;t.src=n,await t.decode();
let e=d("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let s=A(e,
{read:!0});return s.drawImage(t,0,0),s.getImageData(
0,0,e.width,e.height)}function le(n,t,[e,
s],o){let{width:r,height:i,data:a}=t;[n.
width,n.height]=[r,i];let c=A(n);if(!o)return c.
putImageData(t,0,0);let l=Math.max(...Array.
from(o))||1,f=c.createImageData(r,i);for(let u=0;u<
i;u++){let w=s*Math.floor(u*e/i);for(let y=0;y<
r;y++){let k=4*(u*r+y),z=.299*a[k]+.587*
a[k+1]+.114*a[k+2],R=Ve*o[w+Math.floor(y*
s/r)]/l;for(let Y=0;Y<3;Y++)f.data[k+Y]=
z*(1-R)+Ge[Y]*R;f.data[k+3]=255}}c.putImageData(
f,0,0)}function de(n,[t,e],s){n.hidden=s<
0,n.style.setProperty("inset-block-start",
`${100*Math.floor(s/e)/t}%`),n.style.setProperty(
"inset-inline-start",`${100*(s%e)/e}%`),
n.style.width=`${100/e}%`,n.style.height=
`${100/t}%`}var ht=class n{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let s=L("img, canvas",e);return(s instanceof
HTMLImageElement?await n.#t(e,s):ue.get(
e))??null}static async#t(t,e){let s=new n(
t,await he(e.src));return e.replaceWith(
s.canvas),t.hidden=!1,ue.set(t,s),s}constructor(t,e){
let{rows:s,columns:o,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
s),Number(o)],this.queries=Number(r),this.
keys=Number(i),this.canvas=d("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=L(".spot",t),this.words=L("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:s},{rows:o,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&s>=0&&this.queries>=0,l=Array.from(
{length:a||c?i:0},(w,y)=>{let[k,z]=a?[e,
this.keys+y]:[this.queries+y,s];return Math.
max(0,t.weights[k*t.columns+z])});le(this.
canvas,this.pixels,this.grid,l.length?l:
null);let f=e>=0&&this.queries>=0?e-this.
queries:s-this.keys,u=(e>=0?this.queries:
this.keys)>=0&&f>=0&&f<i;de(this.spot,this.
grid,u&&(e>=0||s>=0)?f:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[s]} is looked at`)}},ue=new WeakMap;var fe={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
Ye="Point at a map: all show the same pa\
ir of tokens.",lt=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=d("span",o?Ye:fe.
matrix,"hint"),this.root=d("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
fe[t==="text"&&!e?"text, from":t])}say(t,e,s){
b(t)?this.root.replaceChildren(this.hint):
q(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,i=o>=0?$(this.rows[o],
o):$(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(b(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?$(this.
columns[s.key],s.key):$(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",d("b",X(e.weightAt(
s)))]}#s(t,e){let{query:s,key:o}=t,[r,i]=[
$(this.rows[s],s),$(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",d("b",X(s))]}};var G=class{constructor(t,e,s){this.on=s,
this.root=d("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(Je),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:tt(a,o);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=a===null?"":a.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&a===null),r.setAttribute(
"aria-pressed",String(s&&i===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",s=>this.#e(s,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",s=>this.#e(s,e.pin)),t.addEventListener(
"focusin",s=>this.#e(s,o=>this.#s(o))),t.
addEventListener("keydown",s=>this.#e(s,
o=>this.#n(s,o)))}#e(t,e){let s=this.spans.
indexOf(t.target);s>=0&&e(s)}#s(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#n(t,e){if(I(t))return;let s=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in o)this.spans[M(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function Je(n){let t=d("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var me=9,dt=class n{#t=O;#e=O;#s=null;#n=null;#o=null;followers=[];static async start(t,e,s,o,r=et){
let i=new n(t,e,s,o,r);await i.#i(),i.many||
i.#a(),i.#o=await ht.of(t);for(let a of i.
maps)i.#x(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:s,
text:o},r,i,a){this.root=t,this.rows=e,this.
columns=s??e,this.twoTexts=s!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new lt(`readout-${t.dataset.maps}`,this.
rows,this.columns,this.many),t.prepend(this.
readout.root)}async#i(){let t=g(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new ct(s,e[o],this.readout.
root.id))}#a(){let t=d("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",s=this.#c(()=>this.readsRows()),
o=new G(this.text,e,s);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#c(
()=>!1);r=new G(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:o,columns:r}}#c(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#r(e(s)),out:()=>this.#l(),
pin:s=>this.#h(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(s,e);this.root.dataset.view===
"arcs"&&this.#p(),this.#d(b(this.#t)?this.#e:
this.#t),this.fit(),this.#u()}#p(){if(this.#n)
return;this.#n=new rt(this.rows,this.columns,
{over:(e,s)=>this.#r({query:e,key:s}),out:()=>this.#l(),
pin:e=>this.#h({query:e,key:-1})});let t=d(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#f()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=me)return;let o=e.clientWidth-
L(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
v(Math.max(me,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(b(this.#t)?
t:this.#t),this.#u()}#h(t){this.pin(pe(t,
this.#e)?O:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#r(O)}follow(t){
pe(t,this.#t)||(this.#t=t,this.#d(b(t)?this.#e:
t),this.#u())}#d(t){this.readout.say(t,!b(
this.#e),this.maps[0]);for(let e of this.
maps)b(t)?e.sayWeight(null):q(t)&&e.sayWeight(
t)}#u(){this.#w(),this.root.dataset.view===
"arcs"&&this.#g(),this.#f()}current(){return b(
this.#e)?this.#t:this.#e}#w(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!b(this.#e),
this.choices()],{rows:s,columns:o}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&o?o:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?st(s,t):null,i=!o&&e>=0?Ht(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#g(){let{query:t,
key:e}=this.arcsShown();this.#n?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#f(){
let t=b(this.#t)?this.#e:this.#t;this.#o?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#x(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#r(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#r(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#h(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let o=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!o&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#r(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",s=>this.#y(
s,t))}#y(t,e){let s=this.#k(e)[t.key];!s||
I(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,o)=>()=>this.#b(t,s,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(O)}}}#b(t,e,s){let{query:o,key:r}=this.#t;
q(this.#t)?this.#r({query:M(o+e,this.rows.
length),key:M(r+s,this.columns.length)}):
this.#r(t.start())}#m(t){q(this.#t)||this.#r(
t.start()),this.many||this.#h(this.#t)}},
pe=(n,t)=>n.query===t.query&&n.key===t.key;var V=n=>n.closest(".example")?.id??"",ut=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
zt(),this.sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#s(),this.controls.listen(()=>this.#o(),
s=>this.#c(s)),Z(()=>this.#a()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=g(HTMLElement,".map-set"),e=E(),s=t.
find(o=>e&&V(o)===e)??t[0];s&&this.#e(s);
for(let o of t)o!==s&&this.watcher.observe(
o)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await dt.start(t,e,()=>this.controls.choices(),
({query:o,key:r})=>this.writeAddress(V(t),
{row:o,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#n(s))}#s(){let{
sink:t,row:e,column:s}=_.read();!t&&this.
controls.recallSink()&&this.writeAddress(
E(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(_.read()),this.#i()}pinAddress(){
for(let t of this.sets)this.#n(t)}#n(t){
let e=E();if(e&&e!==V(t.root))return;let{
row:s,column:o}=_.read(),r=s<t.rows.length?
s:-1,i=o<t.columns.length?o:-1;t.keep({query:r,
key:i})}writeAddress(t,e={},s={}){_.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return _.format(this.controls.state(),t)}#o(){
this.#i();let{row:t,column:e}=_.read();this.
writeAddress(E(),{row:t,column:e})}#i(){
this.controls.explain(),this.#a()}#a(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)V(e.root)===t&&e.repaint()}#c(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&ce(e,this.controls.choices(),Qe(V(e.root)),
t)}};function Qe(n){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),s=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
o=n&&document.querySelector(`.examples a\
[href="#${n}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
s)?"":s,o].filter(Boolean).join(", ")}var Ze=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),ts="select, input, \
textarea, canvas, .scroll",ft=class{constructor(t){
this.maps=t,this.links=g(HTMLAnchorElement,
".examples a"),this.sections=g(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=E(),s=this.sections.some(({id:o})=>o===
t)?t:this.sections[0]?.id;for(let o of this.
sections)o.hidden=o.id!==s;J(this.links,
o=>o.hash===`#${s}`),this.maps.repaintSection(
s)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#s(e,t));for(let t of g(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#n(t));document.addEventListener(
"keydown",t=>this.#o(t)),_.onChange(()=>this.#i(),
{anchors:!0})}#s(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#n(t){t.
hash=this.maps.formatAddress(E())}#o(t){
let e=Ze.get(t.key);!e||I(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(ts)||g(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#i(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};Et();var vt=new ut(Mt("token-data")),es=ot.
of(vt);vt.start();new ft(vt).start();es?.
followAddress();})();
