// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function d(o,t="",e=""){let s=document.createElement(
o);return s.textContent=t,e&&(s.className=
e),s}function m(o,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",o);for(let[n,r]of Object.entries(t))
s.setAttribute(n,String(r));return e&&(s.
textContent=e),s}function _(o,{read:t=!1}={}){
return o.getContext("2d",t?{willReadFrequently:!0}:
void 0)}function T(o,t){let e=d("span"),s=d("bdi",
o,"token");return s.translate=!1,e.append(
s,d("span",` ${t}`,"soft")),e}var y=o=>`${o}\
px`,b=(o,t)=>Math.min(t-1,Math.max(0,o));
function j(o,t=document){return t.querySelector(
o)}function w(o,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
o)}function V(o,t){for(let e of o)t(e)?e.setAttribute(
"aria-current","true"):e.removeAttribute(
"aria-current")}var L=o=>o.altKey||o.ctrlKey||
o.metaKey;function bt(o){return JSON.parse(
document.getElementById(o)?.textContent??
"null")}function At(){for(let o of document.
querySelectorAll("[data-needs-script]"))
o.removeAttribute("hidden")}function I(...o){return{read:t=>o.find(e=>e===
t)??o[0],write:t=>t===o[0]?"":t}}var p={
read:o=>o??"",write:o=>o},q={read:o=>/^\d+$/.
test(o??"")?Number(o):-1,write:o=>o<0?"":
String(o)},le={read:o=>({column:(o||"hea\
d").replace(/^-/,""),down:o?.startsWith(
"-")??!1}),write:({column:o,down:t})=>o===
"head"&&!t?"":(t?"-":"")+o},de={read:o=>o?
o.split(","):null,write:o=>o?o.join()||"\
none":""},ue={read:o=>(o??"").split(",").
filter(Boolean).map(fe),write:o=>o.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function fe(o){let t=o.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var M=class{constructor(t){
this.fields=t}read(){let{choices:t}=vt(),
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
addEventListener("hashchange",()=>{(e||!A())&&
t()})}};function vt(){let o=location.hash.
slice(1),[t,...e]=o.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):o)}}function A(){let{anchor:o}=vt(),
t=Number(o.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(o)?o:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??o}var Mt={view:I("matrix","t\
ext","arcs"),direction:I("to","from"),scale:I(
"linear","root"),sink:I("","show","hide"),
row:q,column:q},v=new M(Mt),Ge=new M({a:p,
b:p,text:p,...Mt}),Ye=new M({pattern:p,probe:p,
value:I("score","sinkfree"),scale:I("ful\
l","fit"),label:p}),Je=new M({text:p,label:p,
probe:p,from:p,to:p,sort:le,columns:de,range:ue,
page:q}),Qe=new M({x:p,y:p}),Ze=new M({by:p,
through:p,from:p,to:p,head:p,least:q}),ts=new M(
{a:p,b:p,pattern:p}),es=new M({picture:p,
head:p,step:q,word:q});function me(o,[t,e],s){let n=s.length-1,
r={ArrowUp:[t-1,e],ArrowDown:[t+1,e],ArrowLeft:[
t,e-1],ArrowRight:[t,e+1],Home:[t,0],End:[
t,1/0],PageUp:[0,e],PageDown:[n,e]};if(!Object.
hasOwn(r,o))return;let i=Math.min(Math.max(
r[o][0],0),n);return[i,Math.min(Math.max(
r[o][1],0),s[i]-1)]}function _t(o,t,e,s=t[0],n=void 0){
let r=s;for(let c of t)c.tabIndex=c===r?
0:-1;let i=c=>{r&&(r.tabIndex=-1),r=c,r.
tabIndex=0};o.addEventListener("focusin",
({target:c})=>{let a=t.find(l=>l===c);a&&
i(a)},{signal:n}),o.addEventListener("ke\
ydown",c=>{let a=c.target;if(L(c)||!t.includes(
a))return;let l=e(),u=l.findIndex(B=>B.includes(
a)),f=l.map(B=>B.length),k=u<0?void 0:me(
c.key,[u,l[u].indexOf(a)],f),W=k&&l[k[0]][k[1]];
!W||W===a||(c.preventDefault(),W.focus())},
{signal:n})}var Lt=o=>Array.from({length:256},(t,e)=>Number.
parseInt(o.slice(6*e,6*e+6),16)),G=Lt(window.
headatlas.light),pe=Lt(window.headatlas.
dark),Et=new Map(G.map((o,t)=>[o,t])),St=matchMedia(
"(prefers-color-scheme: dark)"),Tt=[],Ct=!1,
R=()=>St.matches&&!Ct?pe:G,S=G,Y=o=>Tt.push(
o);function $t(){for(let o of Tt)o()}St.
addEventListener("change",$t);for(let[o,
t]of[["beforeprint",!0],["afterprint",!1]])
addEventListener(o,()=>{Ct=t,$t()});var ut=o=>`\
#${o.toString(16).padStart(6,"0")}`,z=(o,t)=>Math.
round(255*(t?Math.sqrt(o):o));function J(o,t,e=R()){
let s=e[z(Math.min(Math.max(o,0),1),t)],
n=we(s)>.179;return{background:ut(s),color:n?
"#000":"#fff"}}function we(o){let[t,e,s]=dt(
o).map(n=>{let r=n/255;return r<=.04045?
r/12.92:((r+.055)/1.055)**2.4});return .2126*
t+.7152*e+.0722*s}var dt=o=>[16,8,0].map(
t=>o>>t&255);function It(o){let t=Et.get(
o);return t===void 0&&(t=ge(o),Et.set(o,
t)),t}function ge(o){let t=dt(o),e=G.map(
s=>dt(s).reduce((n,r,i)=>n+(r-t[i])**2,0));
return e.indexOf(Math.min(...e))}async function Q(o,t,e){await o.decode();
let s=d("canvas");[s.width,s.height]=[e,
t];let n=_(s,{read:!0});n.drawImage(o,0,
0,e,t);let r=n.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let c=0;c<i.length;c++){
let a=r[4*c]<<16|r[4*c+1]<<8|r[4*c+2];i[c]=
r[4*c+3]<128?-1:It(a)}return{rows:t,columns:e,
weights:i}}function qt({rows:o,columns:t,
weights:e}){let s=new Int16Array(e.length);
for(let n=0;n<o;n++){let r=e.subarray(n*
t,(n+1)*t),i=r.reduce((l,u)=>l+Math.max(
u,0),0),c=i-Math.max(r[0],0),a=l=>c<3?0:
Math.round(l*i/c);s.set(r.map((l,u)=>u===
0||l<0?-1:a(l)),n*t)}return{rows:o,columns:t,
weights:s}}function O(o,t,e,s=R()){[t.width,
t.height]=[o.columns,o.rows];let n=_(t,{
read:!0}),r=n.createImageData(o.columns,
o.rows),i=new Uint32Array(r.data.buffer),
c=Uint32Array.from({length:256},(a,l)=>{
let u=s[z(l/255,e)];return(4278190080|(u&
255)<<16|u&65280|u>>16)>>>0});o.weights.
forEach((a,l)=>{a>=0&&(i[l]=c[Math.min(a,
255)])}),n.putImageData(r,0,0)}var U=o=>(o/
255).toFixed(3),Rt=o=>o<0?null:o/255;function Z({
columns:o,weights:t},e){return Array.from(
t.subarray(e*o,(e+1)*o),Rt)}function Ot({
rows:o,columns:t,weights:e},s){return Array.
from({length:o},(n,r)=>Rt(e[r*t+s]))}var tt=class{constructor(t){this.sources=
new Map(t.map(e=>[e,e.src])),this.watcher=
new IntersectionObserver(e=>this.#e(e),{
rootMargin:"50%"}),Y(()=>this.#t()),this.#t()}source(t){
return this.sources.get(t)??t.src}#t(){let t=R()===
S;for(let[e,s]of this.sources)this.watcher.
unobserve(e),t?e.src!==s&&(e.src=s):this.
watcher.observe(e),t&&delete e.dataset.painted}#e(t){
for(let{target:e,isIntersecting:s}of t)s&&
e instanceof HTMLImageElement&&(this.watcher.
unobserve(e),this.#s(e))}async#s(t){let e=new Image;
e.src=this.source(t),await e.decode();let s=d(
"canvas");O(await Q(e,e.naturalHeight,e.
naturalWidth),s,!1),R()!==S&&(t.src=s.toDataURL(),
t.dataset.painted="")}};var et=class o{static of(t){let e=w(HTMLAnchorElement,
".head-thumbnails a"),[s]=w(HTMLElement,
".example"),[n]=w(HTMLElement,".example \
.map-set");return e.length&&n?new o(t,e,
s,n):null}constructor(t,e,s,n){this.maps=
t,this.links=e,this.figure=s,this.pristine=
n.cloneNode(!0),this.heading=j("#shown-n\
ame"),this.thumbnails=new tt(e.flatMap(a=>w(
HTMLImageElement,"img",a)));for(let a of e)
a.addEventListener("click",l=>this.#t(l,
a));let r=j(".head-thumbnails"),i=w(HTMLTableRowElement,
"tr",r).map(a=>w(HTMLElement,"a",a)),c=e.
find(a=>a.ariaCurrent);_t(r,e,()=>i.filter(
a=>a.length),c)}followAddress(){let t=this.
figure.id,e=()=>{let s=A()||t,n=this.links.
find(r=>r.hash===`#${s}`);n&&s!==this.figure.
id&&this.#e(n)};v.onChange(e,{anchors:!0}),
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
slice(1),V(this.links,i=>i===t),this.maps.
restart(e)}};var Pt="headatlas-sink";function Nt(){try{
let o=localStorage.getItem(Pt);return o===
"hide"||o==="show"?o:""}catch{return""}}
function Ht(o){try{localStorage.setItem(
Pt,o?"hide":"show")}catch{}}var Ft=4,mt=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),Nt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,n)=>{
let r=e?(n/Ft)**2:n/Ft;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let n=this.#t();n&&s===n&&Ht(n.checked),
t()}),this.form?.addEventListener("click",
s=>{let n=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;n&&e(n)})}};
function Bt(){let o=document.querySelector(
".map-controls");return o&&xe(o),new mt(
o)}function xe(o){let t=o.dataset.offers?.
split(" ")??[];t.includes("views")&&(o.append(
Wt("View","view",["matrix","text","arcs"]),
Wt("Direction","direction",["to","from"],
["looks at","is looked at by"])),o.children[1].
toggleAttribute("data-direction",!0));let e=d(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=d("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],o.append(ft("label",
"Colour scale ",e),ft("label",s," set th\
e sink aside")),t.includes("saves")&&o.append(
ft("span","Download ",Dt("svg")," ",Dt("\
png")))}function ft(o,...t){let e=d(o,"",
"control");return e.append(...t),e}function Dt(o){
let t=d("button",o.toUpperCase());return t.
type="button",t.dataset.save=o,t}function Wt(o,t,e,s=e){
let n=d("fieldset","","choice");return n.
append(d("legend",o,"hidden")),e.forEach(
(r,i)=>{let[c,a]=[d("label"),d("input")];
[a.type,a.name,a.value,a.defaultChecked]=
["radio",t,r,i===0],c.append(a,s[i]),n.append(
c)}),n}var ke=5,ye=.02,g=130,E=260,P=2*g+E,pt=4,
be=8e3,jt=15,Ae='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',st=class{constructor(t,e,s){
this.rows=t,this.columns=e;let n=Math.max(
t.length,e.length);this.pitch=wt(n),this.
height=n*this.pitch+2*pt,this.ratio=Math.
min(devicePixelRatio||1,be/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=d("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
P*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[y(P),`${P} / ${e}`],s.setAttribute(
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
offsetY*e-pt)/this.pitch);return t.offsetX*
e>P/2?[-1,b(s,this.columns.length)]:[b(s,
this.rows.length),-1]}draw(t,e,s,n){let r=_(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,P,this.
height),r.strokeStyle=zt("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of xt(
t,e,s))r.globalAlpha=ot(i.weight,n),this.#o(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#i(r,e,s)}#o(t,e,s){let[n,r,i]=[
g,g+E,g+E/2],[c,a]=[this.#n(e),this.#n(s)];
t.beginPath(),t.moveTo(n,c),t.bezierCurveTo(
i,c,i,a,r,a),t.stroke()}#n(t){return pt+
(t+.5)*this.pitch}#i(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Ae}`,t.textBaseline=
"middle",t.textAlign="right",this.#a(t,this.
rows,g-6,e),t.textAlign="left",this.#a(t,
this.columns,g+E+6,s)}#a(t,e,s,n){let[r,
i]=[getComputedStyle(document.body).color,
zt("--soft")];e.forEach((c,a)=>{t.fillStyle=
n<0||n===a?r:i,t.fillText(gt(c),s,this.#n(
a),g-8)})}};function wt(o){return o<=60?
19:o<=200?12:Math.max(2,Math.floor(3e3/o))}
function gt(o){return o.length>jt?`${o.slice(
0,jt-1)}…`:o}var ot=(o,t)=>Math.min(t?
Math.sqrt(o):o,1);function xt(o,t,e){return(t>=
0?[t]:Array.from({length:o.rows},(n,r)=>r)).
flatMap(n=>ve(o,n,t>=0,e).map(([r,i])=>({
query:n,key:i,weight:r})))}function ve(o,t,e,s){
let n=Z(o,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>ye);return e?n:s>=0?n.filter(([
,r])=>r===s):n.sort((r,i)=>i[0]-r[0]).slice(
0,ke)}var zt=o=>getComputedStyle(document.
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
scale_room:56};function kt(o,t){let e=document.createElement(
"a");e.href=URL.createObjectURL(o),e.download=
t,e.click(),setTimeout(()=>URL.revokeObjectURL(
e.href),1e3)}var Ut=o=>o.replace(/[^\p{L}\p{N}.]+/gu,
"-");var _e=3,Ee=8e3;function N(o,t){let e=m("svg",{"font-fam\
ily":h.font,"font-size":t,fill:h.ink}),{
title_x:s,title_y:n,title_size:r,title_weight:i}=h;
return e.append(m("text",{x:s,y:n,"font-\
size":r,"font-weight":i},o)),e}var H=o=>h.
title_x+h.title_letter_width*Array.from(
o).length;function F(o,t,e){let{scale_steps:s,
scale_step_width:n,scale_tick_y:r}=h,i={
width:h.scale_rect_width,height:h.scale_height},
c=m("g",{transform:`translate(${o} ${t})`});
for(let a=0;a<s;a++)c.append(m("rect",{x:a*
n,...i,...e(a/(s-1))}));for(let a of h.scale_ticks)
c.append(m("text",{x:s*n*a,y:r,"text-anc\
hor":"middle"},String(a)));return c}function D(o,t,e){
return o.setAttribute("viewBox",`0 0 ${t}\
 ${e}`),o.setAttribute("width",String(t)),
o.setAttribute("height",String(e)),o.prepend(
m("rect",{width:t,height:e,fill:h.paper})),
o}async function Kt(o,t,e){let s=new XMLSerializer().
serializeToString(o),n=`${Ut(t)}.${e}`;return e===
"svg"?kt(new Blob([s],{type:"image/svg+x\
ml"}),n):(await Le(s,Number(o.getAttribute(
"width")),Number(o.getAttribute("height")))).
toBlob(i=>i&&kt(i,n))}async function Le(o,t,e){
let s=new Image;s.src=`data:image/svg+xm\
l;charset=utf-8,${encodeURIComponent(o)}`,
await s.decode();let n=d("canvas"),r=Math.
min(_e,Ee/Math.max(t,e));return[n.width,
n.height]=[Math.round(t*r),Math.round(e*
r)],_(n).drawImage(s,0,0,n.width,n.height),
n}var Vt="#1d4f91",Se="#5d6167",Te=10;function Gt({
weights:o,rows:t,columns:e,title:s,squareRoot:n,
query:r,key:i}){let c=Math.max(t.length,
e.length),a=wt(c),l=h.title_room,u=lt=>l+
(lt+.5)*a,f=N(s,h.font_size);f.append(Ce(
xt(o,r,i),u,n)),a>=Te&&(f.append(Xt(t,g-
6,"end",u,r)),f.append(Xt(e,g+E+6,"start",
u,i)));let k=l+c*a+h.scale_gap,W=h.scale_step_width,
B=lt=>({width:W,fill:Vt,"fill-opacity":ot(
lt,n)});f.append(F(g,k,B));let he=Math.max(
2*g+E,H(s)+h.right_margin);return D(f,he,
k+h.scale_room-h.scale_gap)}function Ce(o,t,e){
let s=m("g",{fill:"none",stroke:Vt,"stro\
ke-width":2}),[n,r,i]=[g,g+E,g+E/2];for(let{
query:c,key:a,weight:l}of o){let[u,f]=[t(
c),t(a)],k=`M${n} ${u}C${i} ${u} ${i} ${f}\
 ${r} ${f}`;s.append(m("path",{d:k,"stro\
ke-opacity":Number(ot(l,e).toFixed(3))}))}
return s}function Xt(o,t,e,s,n){let r=m(
"g",{"font-family":h.token_font,"text-an\
chor":e});return o.forEach((i,c)=>{let a=n<
0||n===c?h.ink:Se;r.append(m("text",{x:t,
y:s(c)+h.baseline,fill:a},gt(i)))}),r}function Jt(o){let{rows:t,columns:e,title:s,
squareRoot:n}=o,r=$e(t,e),i=N(s,h.font_size),
c=r.top+r.height+h.scale_gap,a=F(r.left,
c,f=>({fill:nt(f,n)}));i.append(qe(o,r),
Re(t,e,r),a);let u=Math.max(r.left+Math.
max(r.width,h.min_width),H(s))+h.right_margin;
return D(i,u,r.top+r.height+h.scale_room)}
function $e(o,t){let e=Math.max(o.length,
t.length)>h.max_cells,s=e?h.small_cell:h.
cell,n=c=>e?h.number_room:Ie(c),[r,i]=[n(
o),n(t)+h.title_room];return{long:e,cell:s,
left:r,top:i,width:t.length*s,height:o.length*
s}}function Ie(o){let t=Math.max(...o.map(
e=>Qt(e).length));return h.token_margin+
h.letter_width*t}function Qt(o){return o.
length>h.max_letters?`${o.slice(0,h.max_letters-
1)}…`:o}function qe({weights:o,squareRoot:t},{
long:e,cell:s,left:n,top:r,width:i,height:c}){
let a=m("g",{transform:`translate(${n} ${r}\
)`,"shape-rendering":"crispEdges"});if(e){
let l=d("canvas");return O(o,l,t,S),a.append(
m("image",{href:l.toDataURL(),width:i,height:c,
style:"image-rendering: pixelated"})),a}
return o.weights.forEach((l,u)=>{if(l<0)
return;let[f,k]=[u%o.columns*s,Math.floor(
u/o.columns)*s];a.append(m("rect",{x:f,y:k,
width:s,height:s,fill:nt(l/255,t)}))}),a}
var nt=(o,t)=>ut(S[z(o,t)]);function Re(o,t,{
long:e,cell:s,left:n,top:r}){let{token_gap:i,
baseline:c}=h,a=m("g",{"font-family":h.token_font});
for(let[l,u]of Yt(o,e)){let f=r+(l+.5)*s+
c;a.append(m("text",{x:n-i,y:f,"text-anc\
hor":"end"},u))}for(let[l,u]of Yt(t,e)){
let f=n+(l+.5)*s+c;a.append(m("text",{transform:`\
translate(${f} ${r-i}) rotate(-90)`},u))}
return a}function Yt(o,t){let e=o.map((s,n)=>[
n,t?String(n):Qt(s)]);return t?e.filter(
([s])=>s%h.number_step===0):e}var ee=640,se=20,Zt=16,oe=2,te=12;function ne(o,t,e){
let s=N(t,h.font_size),n=h.title_room+h.
title_x;for(let i of o){let c=Oe(i.tokens,
n),a=m("g",{"font-family":h.token_font});
a.append(...i.tokens.flatMap((l,u)=>Pe(l,
c[u],i,u,e))),s.append(a),n=(c.at(-1)?.y??
n)+se+te}s.append(F(h.title_x+te,n,i=>({
fill:nt(i,e)})));let r=Math.max(ee,H(t))+
h.right_margin;return D(s,r,n+h.scale_room-
h.scale_gap)}function Oe(o,t){let e=_(d(
"canvas"));e.font=`${h.font_size}px ${h.
token_font}`;let[s,n]=[h.title_x,t];return o.
map(r=>{let i=e.measureText(r).width+2*oe;
s+i>ee&&s>h.title_x&&([s,n]=[h.title_x,n+
se]);let c={x:s,y:n,width:i};return s+=i+
1,c})}function Pe(o,{x:t,y:e,width:s},{weights:n,
chosen:r},i,c){let a=n?.[i]??null,l=a===
null?null:J(a,c,S),u=i===r?{stroke:h.ink,
"stroke-width":1.5}:{},f=m("rect",{x:t,y:e,
width:s,height:Zt,fill:l?.background??h.
paper,...u}),k=l?.color??h.ink;return[f,
m("text",{x:t+oe,y:e+Zt/2+h.baseline,fill:k},
o)]}function re(o,t,e,s){let{view:n}=t,{query:r,
key:i}=o.current(),c=n==="matrix"?"":He(
o,r,i),a=Ne(o,t,c?`${e}: ${c}`:e),l=n===
"matrix"?[]:[n,r>=0?`row ${r}`:i>=0?`col\
umn ${i}`:""];return Kt(a,[e,...l].filter(
Boolean).join(", "),s)}function Ne(o,{view:t,
squareRoot:e},s){let{rows:n,columns:r}=o,
i=o.maps[0].shown;return t==="text"?ne(o.
shadedTexts(),s,e):t==="arcs"?Gt({weights:i,
rows:n,columns:r,title:s,squareRoot:e,...o.
arcsShown()}):Jt({weights:i,rows:n,columns:r,
title:s,squareRoot:e})}function He(o,t,e){
return t>=0&&(o.readsRows()||e<0)?`what ${o.
rows[t]} ${t} looks at`:e>=0?`who looks \
at ${o.columns[e]} ${e}`:""}var C=Object.freeze({query:-1,key:-1}),x=o=>o.
query<0&&o.key<0,$=o=>o.query>=0&&o.key>=
0,Fe=["kept","row","column","cell","row-\
tag","column-tag"],rt=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
De(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Fe.map(n=>[n,We(n)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=d("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?qt(this.measured):
this.measured,O(this.shown,this.canvas,e)}cellAt(t){
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
from({length:t>=0?n:s},(a,l)=>t>=0?{query:t,
key:l}:{query:l,key:e}),i=r.map(a=>this.
weightAt(a)),c=Math.max(...i);return c>0?
r[i.indexOf(c)]:C}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":U(e)}mark(t,e,s){
let{rows:n,columns:r}=this.shown,{query:i,
key:c}=t,a=this.#o();this.#e("row",i>=0,
[0,i,r,1],a),this.#e("column",c>=0,[c,0,
1,n],a),this.#e("cell",$(t),[c,i,1,1],a);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,n];this.#e("kept",!x(e),l,a),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
y(a.top+(i+.5)*a.height),this.marks["col\
umn-tag"].style.left=y(a.left+(c+.5)*a.cell)}#e(t,e,[
s,n,r,i],{cell:c,height:a,left:l,top:u}){
let f=this.marks[t];f.hidden=!e,f.style.
left=y(l+s*c),f.style.top=y(u+n*a),f.style.
width=y(r*c),f.style.height=y(i*a)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(d("bdi",e))}#o(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:n}=this.canvas;return{cell:s/
this.shown.columns,height:n/this.shown.rows,
left:t,top:e}}};function De(o,{rows:t,columns:e},s){
let n=d("canvas","","pixels");return n.style.
setProperty("--rows",String(t)),n.style.
setProperty("--columns",String(e)),n.tabIndex=
0,n.setAttribute("role","application"),n.
setAttribute("aria-roledescription","hea\
tmap"),n.setAttribute("aria-label",`${o}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),n.setAttribute("aria-d\
escribedby",s),n}function We(o){let t=d(
"div","",`mark-${o}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var ie={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
Be="Point at a map: all show the same pa\
ir of tokens.",it=class{constructor(t,e,s,n){
this.rows=e,this.columns=s,this.many=n,this.
view="matrix",this.hint=d("span",n?Be:ie.
matrix,"hint"),this.root=d("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
ie[t==="text"&&!e?"text, from":t])}say(t,e,s){
x(t)?this.root.replaceChildren(this.hint):
$(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:n,key:r}=t,i=n>=0?T(this.rows[n],
n):T(this.columns[r],r),c=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),c)}#e(t,e){
let s=e.strongest(t),n=t.query>=0;if(x(s))
return[n?" looks at nothing that is show\
n":" is looked at by none"];let r=n?T(this.
columns[s.key],s.key):T(this.rows[s.query],
s.query);return[n?" looks most at ":" is\
 looked at most by ",r,", ",d("b",U(e.weightAt(
s)))]}#s(t,e){let{query:s,key:n}=t,[r,i]=[
T(this.rows[s],s),T(this.columns[n],n)];
this.root.replaceChildren(r," → ",i,...this.#o(
t,e))}#o(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",d("b",U(s))]}};var K=class{constructor(t,e,s){this.on=s,
this.root=d("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(je),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,n){
this.spans.forEach((r,i)=>{let c=t?.[i]??
null,a=c===null?null:J(c,n);r.style.background=
a?.background??"",r.style.color=a?.color??
"",r.title=c===null?"":c.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&c===null),r.setAttribute(
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
this.on.over(t)}#o(t,e){if(L(t))return;let s=this.
spans.length-1,n={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in n)this.spans[b(n[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function je(o){let t=d("bdi",o,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var ae=9,at=class o{#t=C;#e=C;#s=null;#o=null;followers=[];static async start(t,e,s,n,r=Q){
let i=new o(t,e,s,n,r);await i.#n(),i.many||
i.#i();for(let c of i.maps)i.#g(c);return i.
repaint(),t.dataset.ready="",i}constructor(t,{
tokens:e,columns:s,text:n},r,i,c){this.root=
t,this.rows=e,this.columns=s??e,this.twoTexts=
s!==void 0,this.text=n??e,this.many=t.classList.
contains("multiples"),this.choices=r,this.
onPin=i,this.weightsOf=c,this.maps=[],this.
readout=new it(`readout-${t.dataset.maps}`,
this.rows,this.columns,this.many),t.prepend(
this.readout.root)}async#n(){let t=w(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,n)=>new rt(s,e[n],this.readout.
root.id))}#i(){let t=d("div","","map-tex\
t"),e=this.twoTexts?"The text whose toke\
ns look":"The text",s=this.#a(()=>this.readsRows()),
n=new K(this.text,e,s);t.append(n.root);
let r=null;if(this.twoTexts){let i=this.#a(
()=>!1);r=new K(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:n,columns:r}}#a(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#r(e(s)),out:()=>this.#h(),
pin:s=>this.#c(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let n of this.
maps)n.paint(s,e);this.root.dataset.view===
"arcs"&&this.#l(),this.#d(x(this.#t)?this.#e:
this.#t),this.fit(),this.#u()}#l(){if(this.#o)
return;this.#o=new st(this.rows,this.columns,
{over:(e,s)=>this.#r({query:e,key:s}),out:()=>this.#h(),
pin:e=>this.#c({query:e,key:-1})});let t=d(
"div","","scroll arcs-view");t.append(this.#o.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#f()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=ae)return;let n=e.clientWidth-
j(".axis-rows",e).offsetWidth-8,r=this.columns.
length;n>0&&s*r>n&&t.setProperty("--cell",
y(Math.max(ae,Math.floor(n/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#d(x(this.#t)?
t:this.#t),this.#u()}#c(t){this.pin(ce(t,
this.#e)?C:t)}#r(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#h(){this.#r(C)}follow(t){
ce(t,this.#t)||(this.#t=t,this.#d(x(t)?this.#e:
t),this.#u())}#d(t){this.readout.say(t,!x(
this.#e),this.maps[0]);for(let e of this.
maps)x(t)?e.sayWeight(null):$(t)&&e.sayWeight(
t)}#u(){this.#p(),this.root.dataset.view===
"arcs"&&this.#w(),this.#f()}current(){return x(
this.#e)?this.#t:this.#e}#p(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!x(this.#e),
this.choices()],{rows:s,columns:n}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},c)=>{
(c&&n?n:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],n=t>=0&&(this.readsRows()||e<0),
r=n?Z(s,t):null,i=!n&&e>=0?Ot(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#w(){let{query:t,
key:e}=this.arcsShown();this.#o?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#f(){
let t=x(this.#t)?this.#e:this.#t,e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#g(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#r(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#r(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#c(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let n=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!n&&this.#h()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#r(t.start())}),
e.addEventListener("blur",()=>this.#h()),
e.addEventListener("keydown",s=>this.#x(
s,t))}#x(t,e){let s=this.#k(e)[t.key];!s||
L(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,n)=>()=>this.#y(t,s,
n);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#m(t),
" ":()=>this.#m(t),Escape:()=>{this.many||
this.pin(C)}}}#y(t,e,s){let{query:n,key:r}=this.#t;
$(this.#t)?this.#r({query:b(n+e,this.rows.
length),key:b(r+s,this.columns.length)}):
this.#r(t.start())}#m(t){$(this.#t)||this.#r(
t.start()),this.many||this.#c(this.#t)}},
ce=(o,t)=>o.query===t.query&&o.key===t.key;var X=o=>o.closest(".example")?.id??"",ct=class{constructor(t,e){
this.tokens=t,this.weightsOf=e,this.controls=
Bt(),this.sets=[],this.watcher=new IntersectionObserver(
s=>this.#t(s),{rootMargin:"50%"}),this.showAddress(),
this.#s(),this.controls.listen(()=>this.#n(),
s=>this.#l(s)),Y(()=>this.#a()),addEventListener(
"resize",()=>{for(let s of this.sets)s.resize()})}start(){
let t=w(HTMLElement,".map-set"),e=A(),s=t.
find(n=>e&&X(n)===e)??t[0];s&&this.#e(s);
for(let n of t)n!==s&&this.watcher.observe(
n)}restart(t){this.sets.length=0,this.watcher.
disconnect(),this.#e(t)}#t(t){for(let{target:e,
isIntersecting:s}of t)s&&e instanceof HTMLElement&&
(this.watcher.unobserve(e),this.#e(e))}async#e(t){
let e=this.tokens[Number(t.dataset.maps)],
s=await at.start(t,e,()=>this.controls.choices(),
({query:n,key:r})=>this.writeAddress(X(t),
{row:n,column:r}),this.weightsOf);t.isConnected&&
(this.sets.push(s),this.#o(s))}#s(){let{
sink:t,row:e,column:s}=v.read();!t&&this.
controls.recallSink()&&this.writeAddress(
A(),{row:e,column:s},{step:!1})}showAddress(){
this.controls.show(v.read()),this.#i()}pinAddress(){
for(let t of this.sets)this.#o(t)}#o(t){
let e=A();if(e&&e!==X(t.root))return;let{
row:s,column:n}=v.read(),r=s<t.rows.length?
s:-1,i=n<t.columns.length?n:-1;t.keep({query:r,
key:i})}writeAddress(t,e={},s={}){v.write(
{...this.controls.state(),...e},t,s)}formatAddress(t){
return v.format(this.controls.state(),t)}#n(){
this.#i();let{row:t,column:e}=v.read();this.
writeAddress(A(),{row:t,column:e})}#i(){
this.controls.explain(),this.#a()}#a(){for(let t of this.
sets)t.repaint()}repaintSection(t){for(let e of this.
sets)X(e.root)===t&&e.repaint()}#l(t){let e=this.
sets.find(({root:s})=>s.offsetParent!==null);
e&&re(e,this.controls.choices(),ze(X(e.root)),
t)}};function ze(o){let t=document.querySelector(
"h1")?.textContent?.trim()??"",e=document.
querySelector(".page-head[data-model]")?.
getAttribute("data-model"),s=document.querySelector(
"#shown-name")?.textContent?.trim()??"",
n=o&&document.querySelector(`.examples a\
[href="#${o}"]`)?.getAttribute("title"),
r=e?`${t} of ${e}`:t;return[r,r.includes(
s)?"":s,n].filter(Boolean).join(", ")}var Ue=new Map([["ArrowLeft","prev"],["A\
rrowRight","next"]]),Ke="select, input, \
textarea, canvas, .scroll",ht=class{constructor(t){
this.maps=t,this.links=w(HTMLAnchorElement,
".examples a"),this.sections=w(HTMLElement,
".example")}start(){this.#e(),this.#t()}#t(){
let t=A(),s=this.sections.some(({id:n})=>n===
t)?t:this.sections[0]?.id;for(let n of this.
sections)n.hidden=n.id!==s;V(this.links,
n=>n.hash===`#${s}`),this.maps.repaintSection(
s)}#e(){for(let t of this.links)t.addEventListener(
"click",e=>this.#s(e,t));for(let t of w(
HTMLAnchorElement,".turn a"))t.addEventListener(
"click",()=>this.#o(t));document.addEventListener(
"keydown",t=>this.#n(t)),v.onChange(()=>this.#i(),
{anchors:!0})}#s(t,e){t.preventDefault(),
this.maps.writeAddress(e.hash.slice(1)),
this.#t(),this.maps.pinAddress()}#o(t){t.
hash=this.maps.formatAddress(A())}#n(t){
let e=Ue.get(t.key);!e||L(t)||t.shiftKey||
t.defaultPrevented||t.target instanceof Element&&
t.target.closest(Ke)||w(HTMLAnchorElement,
`.turn [rel=${e}]`)[0]?.click()}#i(){this.
maps.showAddress(),this.#t(),this.maps.pinAddress()}};At();var yt=new ct(bt("token-data")),Xe=et.
of(yt);yt.start();new ht(yt).start();Xe?.
followAddress();})();
