// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function l(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function O(n,{read:t=!1}={}){return n.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function lt(n,t){
let e=l("a",n);return e.href=t,e}function A(n,t){
let e=l("span"),s=l("bdi",n,"token");return s.
translate=!1,e.append(s,l("span",` ${t}`,
"soft")),e}var k=n=>`${n}px`,x=(n,t)=>Math.
min(t-1,Math.max(0,n));function w(n,t=document){
return t.querySelector(n)}function j(n,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(s=>s instanceof n)}function ut(n,t){
return n.elements.namedItem(t)}var H=n=>n.altKey||n.ctrlKey||n.metaKey;function dt(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}function M(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var p={
read:n=>n??"",write:n=>n},q={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},ae={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},ce={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},he={read:n=>(n??"").split(",").
filter(Boolean).map(le),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function le(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var b=class{constructor(t){
this.fields=t}read(){let{choices:t}=pt(),
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
addEventListener("hashchange",()=>{(e||!ue())&&
t()})}};function pt(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function ue(){let{anchor:n}=pt(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var ft={view:M("matrix","t\
ext","arcs"),direction:M("to","from"),scale:M(
"linear","root"),sink:M("","show","hide"),
row:q,column:q},Xe=new b(ft),I=new b({a:p,
b:p,text:p,...ft}),Ve=new b({pattern:p,probe:p,
value:M("score","sinkfree"),scale:M("ful\
l","fit"),label:p}),Ye=new b({text:p,label:p,
probe:p,from:p,to:p,sort:ae,columns:ce,range:he,
page:q}),ze=new b({x:p,y:p}),Ge=new b({by:p,
through:p,from:p,to:p,head:p,least:q}),Je=new b(
{a:p,b:p,pattern:p}),Qe=new b({picture:p,
head:p,step:q,word:q});var wt=n=>Array.from({length:256},(t,e)=>Number.
parseInt(n.slice(6*e,6*e+6),16)),Q=wt(window.
headatlas.light),de=wt(window.headatlas.
dark),mt=new Map(Q.map((n,t)=>[n,t])),yt=matchMedia(
"(prefers-color-scheme: dark)"),gt=[],kt=!1,
Z=()=>yt.matches&&!kt?de:Q;var xt=n=>gt.push(n);function bt(){for(let n of gt)
n()}yt.addEventListener("change",bt);for(let[
n,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(n,()=>{kt=t,bt()});
var pe=n=>`#${n.toString(16).padStart(6,
"0")}`,tt=(n,t)=>Math.round(255*(t?Math.
sqrt(n):n));function vt(n,t,e=Z()){let s=e[tt(
Math.min(Math.max(n,0),1),t)],o=fe(s)>.179;
return{background:pe(s),color:o?"#000":"\
#fff"}}function fe(n){let[t,e,s]=J(n).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*s}var J=n=>[16,8,0].map(t=>n>>t&
255);function At(n){let t=mt.get(n);return t===
void 0&&(t=me(n),mt.set(n,t)),t}function me(n){
let t=J(n),e=Q.map(s=>J(s).reduce((o,r,i)=>o+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}function R(n,t){return{heads:()=>W(`${n}\
 heads`,`${t}/heads.js`),numbers:e=>W(`${n}\
 ${e}`,`${t}/${e.split("#")[0]}.js`),circuits:()=>W(
`${n} circuits`,`${t}/circuits.js`)}}var et=new Map,
we=n=>new Promise((t,e)=>{let s=document.
createElement("script");s.src=n,s.onload=
()=>t(),s.onerror=()=>e(new Error(`${n} \
could not be loaded`)),document.head.append(
s)});async function W(n,t){if(!(window.headatlas?.
data&&n in window.headatlas.data)){let e=et.
get(t)??we(t);et.set(t,e),await e.finally(
()=>et.delete(t))}return window.headatlas.
data[n]}var st=new Map;function nt(n,t){
return st.has(t)||(window.headatlas?.data&&
delete window.headatlas.data[n],st.set(t,
W(n,t))),st.get(t)}function F(){let n=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return window.headatlas.data.layers?.[n]}
var ye=57344,ge=32768;async function $t(n){
let t=new Uint16Array(n.length),e=0;for(let r=1;r<
n.length;r++){let i=n.charCodeAt(r);t[e++]=
i===ye?n.charCodeAt(++r)^ge:i}let s=new Uint8Array(
t.buffer,0,2*e-Number(n[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function Et(n=F()){
return n?JSON.parse(new TextDecoder().decode(
await $t(n.tables))):null}function B(n,t=F()){let e=t?.maps[n];return t&&
e?t.kept[e[0]]:[]}function ke(n,t=F()){return Object.keys(
t?.maps??{}).filter(e=>B(e,t).includes(n))}
var ot=new Map;async function rt(n,t,e,s=F()){
if(n==="mean")return xe(await Promise.all(
ke(t,s).map(m=>rt(m,t,e,s))));let{causal:o,
maps:r}=s,[i,a]=[B(n,s),r[n][1]];ot.has(
a)||ot.set(a,$t(a));let c=await ot.get(a),
{rows:h,columns:u}=e[t],d=(m,y)=>o?Math.
min(m+1,y):y,f=0;for(let m of i.slice(0,
i.indexOf(t)))for(let y=0;y<e[m].rows;y++)
f+=d(y,e[m].columns);let v=new Int16Array(
h*u).fill(-1);for(let m=0;m<h;m++){let y=d(
m,u),G=c.subarray(f,f+y);v.set(G,m*u),v[m*
u]=G[0]+255-G.subarray(1).reduce((re,ie)=>re+
ie,0)&255,f+=y}return{rows:h,columns:u,weights:v}}
function xe(n){let[{rows:t,columns:e}]=n,
s=new Int16Array(t*e);for(let o=0;o<s.length;o++){
let r=n.reduce((a,c)=>a+c.weights[o],0)/
n.length,i=Math.round(r);s[o]=i-r===.5&&
i%2?i-1:i}return{rows:t,columns:e,weights:s}}var be=24;async function Mt(n,t){let e=`${n}\
/data`,s=await R(n,e).heads(),o=t.replace(
/H\d+$/,""),[,,r,i]=s.layers.find(([d])=>d===
o)??[o,0,"self",0],[{[o]:a},c]=await Promise.
all([nt("layers",`${e}/layers-${i}.js`),
nt("tokens",`${e}/tokens-${r}.js`)]),h=c.
map(({tokens:d,columns:f})=>({rows:d.length,
columns:(f??d).length})),u=B(t,a);return{
slug:n,model:s.model,name:t,labels:s.labels[s.
heads.indexOf(t)].map(([d,f])=>({name:d,
strength:f,hue:s.patterns[d]?.hue??""})),
texts:new Map(u.map(d=>[ve(c[d]),{number:d,
sequence:c[d]}])),map:d=>rt(t,d,h,a),tables:await Et(
a)}}var ve=({file:n,sequence:t})=>`${n}-${t}`,
it=(n,t)=>n.tokens.join(`
`)===t.tokens.join(`
`)&&n.columns?.join(`
`)===t.columns?.join(`
`);function St({tokens:n}){return n.filter(
e=>!/^(\[.*\]|<.*>)$/.test(e)).join("").
toLowerCase().replace(/[^\p{L}\p{N}]/gu,
"").slice(0,be)}function qt(n,t){let e=[];
for(let[s,{sequence:o}]of n.texts){let r=t.
texts.get(s)?.sequence;r&&e.push({anchor:s,
sequence:o,alike:St(o)===St(r),equal:it(
o,r)})}return e.sort((s,o)=>Number(o.alike)-
Number(s.alike)||s.sequence.rank-o.sequence.
rank)}var Ae=/^[-–+\d.]+$/;function Ct(n){let t=l(
"tr");return t.append(...n.map((e,s)=>{let o=Tt(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function Lt([n,
...t]){let e=l("tr");return e.append(Tt(
n,"row"),...t.map($e)),e}function Tt(n,t){
let e=l("th");return e.scope=t,e.append(
n),e}function $e(n){let t=l("td");return typeof n==
"string"&&Ae.test(n)&&(t.className="n"),
t.append(n),t}var C=n=>n.replaceAll("_"," ");function N(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}function Ot(n){return n===null?"–":Math.
abs(n)>=9.95?n.toFixed(0):Math.abs(n)>1?
n.toFixed(1):n.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var Ee=20;function Pt(n,t){let e=Wt(Rt(n),
Rt(t)).sort((o,r)=>Math.abs(r.difference)-
Math.abs(o.difference)),s=e.slice(0,Ee);
return{rows:[jt("Pattern",n,t),Ht(s)],n:e.
length,shown:s.length}}function Dt(n,t){
let e=Wt(Nt(n),Nt(t)),o=Array.from(new Set(
e.map(({name:r})=>r.textContent))).flatMap(
r=>e.filter(({name:i})=>i.textContent===
r));return{rows:[jt("Evidence",n,t),Ht(o)],
n:o.length}}function jt(n,t,e){let s=l("\
thead"),[o,r]=t.model===e.model?[t.name,
e.name]:[t,e].map(({model:i,name:a})=>`${a}\
, ${i}`);return s.append(Ct([n,o,r,"Diff\
erence"])),s}function Ht(n){let t=l("tbo\
dy");return t.append(...n.map(({name:e,probe:s,
own:o,other:r,difference:i})=>{let a=Number.
isNaN(i)?"–":(i>0?"+":"")+N(i);return Lt(
[Se(e,s),It(o),It(r),a])})),t}function Se(n,t){
let e=l("span");return e.append(n," ",l(
"span",C(t),"soft")),e}function It(n){if(!n)
return"–";let{value:t,low:e,high:s,estimated:o}=n,
r=l("span",`${o?"about ":""}${N(t)}`,"wi\
th-interval");return e!==null&&s!==null&&
r.append(" ",l("span",`${N(e)} to ${N(s)}`,
"soft")),r}function Wt(n,t){let e=new Map(
t.map(i=>[i.key,i])),s=new Set(n.map(({key:i})=>i)),
o=n.map(i=>({line:i,own:i.measured,other:e.
get(i.key)?.measured})),r=t.filter(({key:i})=>!s.
has(i)).map(i=>({line:i,own:void 0,other:i.
measured}));return[...o,...r].map(({line:{
name:i,probe:a},own:c,other:h})=>({name:i,
probe:a,own:c,other:h,difference:c&&h?h.
value-c.value:Number.NaN}))}function Rt({
name:n,tables:t}){let e=t?.scores[n];return t&&
e?e.pattern.flatMap((s,o)=>{let[r,i,,,a]=t.
patterns[s],c=Ft(e.score[o],e.low[o],e.high[o],
!1),h=lt(C(r),`patterns/${i}.html`);return c?
[{key:r,name:h,probe:a,measured:c}]:[]}):
[]}function Nt({name:n,tables:t}){let e=t?.
evidence.heads[n];return t&&e?e.line.flatMap(
(s,o)=>{let[,r,i,a,c]=t.evidence.lines[s],
h=Ft(e.value[o],e.low[o],e.high[o],!!e.estimated[o]),
u=l("span",`${r} `);return u.append(l("s\
pan",a,"soft")),h?[{key:`${i} ${c}`,name:u,
probe:c,measured:h}]:[]}):[]}function Ft(n,t,e,s){
let o=r=>r===null?null:r/1e3;return n===
null?null:{value:n/1e3,low:o(t),high:o(e),
estimated:s}}var Bt="headatlas-sink";function _t(){try{
let n=localStorage.getItem(Bt);return n===
"hide"||n==="show"?n:""}catch{return""}}
function Ut(n){try{localStorage.setItem(
Bt,n?"hide":"show")}catch{}}var Kt=4,ct=class{constructor(t){this.form=
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
let[t,e]=[this.#t(),_t()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let s of this.form?.querySelectorAll(
"[data-direction]")??[])s.toggleAttribute(
"hidden",t==="arcs");for(let s of document.
querySelectorAll(".scale"))s.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((s,o)=>{
let r=e?(o/Kt)**2:o/Kt;s.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:s})=>{
let o=this.#t();o&&s===o&&Ut(o.checked),
t()}),this.form?.addEventListener("click",
s=>{let o=s.target instanceof HTMLElement?
s.target.dataset.save:void 0;o&&e(o)})}};
function Yt(){let n=document.querySelector(
".map-controls");return n&&Me(n),new ct(
n)}function Me(n){let t=n.dataset.offers?.
split(" ")??[];t.includes("views")&&(n.append(
Vt("View","view",["matrix","text","arcs"]),
Vt("Direction","direction",["to","from"],
["looks at","is looked at by"])),n.children[1].
toggleAttribute("data-direction",!0));let e=l(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let s=l("input");[s.type,s.
name,s.defaultChecked]=["checkbox","sink",
t.includes("aside")],n.append(at("label",
"Colour scale ",e),at("label",s," set th\
e sink aside")),t.includes("saves")&&n.append(
at("span","Download ",Xt("svg")," ",Xt("\
png")))}function at(n,...t){let e=l(n,"",
"control");return e.append(...t),e}function Xt(n){
let t=l("button",n.toUpperCase());return t.
type="button",t.dataset.save=n,t}function Vt(n,t,e,s=e){
let o=l("fieldset","","choice");return o.
append(l("legend",n,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[l("label"),l("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,s[i]),o.append(
a)}),o}async function zt(n,t,e){await n.decode();
let s=l("canvas");[s.width,s.height]=[e,
t];let o=O(s,{read:!0});o.drawImage(n,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:At(c)}return{rows:t,columns:e,
weights:i}}function Gt({rows:n,columns:t,
weights:e}){let s=new Int16Array(e.length);
for(let o=0;o<n;o++){let r=e.subarray(o*
t,(o+1)*t),i=r.reduce((h,u)=>h+Math.max(
u,0),0),a=i-Math.max(r[0],0),c=h=>a<3?0:
Math.round(h*i/a);s.set(r.map((h,u)=>u===
0||h<0?-1:c(h)),o*t)}return{rows:n,columns:t,
weights:s}}function Jt(n,t,e,s=Z()){[t.width,
t.height]=[n.columns,n.rows];let o=O(t,{
read:!0}),r=o.createImageData(n.columns,
n.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,h)=>{
let u=s[tt(h/255,e)];return(4278190080|(u&
255)<<16|u&65280|u>>16)>>>0});n.weights.
forEach((c,h)=>{c>=0&&(i[h]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var P=n=>(n/
255).toFixed(3),Qt=n=>n<0?null:n/255;function _({
columns:n,weights:t},e){return Array.from(
t.subarray(e*n,(e+1)*n),Qt)}function Zt({
rows:n,columns:t,weights:e},s){return Array.
from({length:n},(o,r)=>Qt(e[r*t+s]))}var qe=5,Ce=.02,$=130,U=260,L=2*$+U,ht=4,
Le=8e3,te=15,Te='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',K=class{constructor(t,e,s){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Oe(o),this.
height=o*this.pitch+2*ht,this.ratio=Math.
min(devicePixelRatio||1,Le/this.height),
this.canvas=this.#t(),this.#e(s)}#t(){let{
ratio:t,height:e}=this,s=l("canvas","","\
arcs");return[s.width,s.height]=[Math.round(
L*t),Math.round(e*t)],[s.style.width,s.style.
aspectRatio]=[k(L),`${L} / ${e}`],s.setAttribute(
"role","img"),s.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),s}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
s]=this.#s(e);s>=0&&t.pin(s)})}#s(t){let e=L/
this.canvas.clientWidth,s=Math.floor((t.
offsetY*e-ht)/this.pitch);return t.offsetX*
e>L/2?[-1,x(s,this.columns.length)]:[x(s,
this.rows.length),-1]}draw(t,e,s,o){let r=O(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,L,this.
height),r.strokeStyle=ee("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of Ne(
t,e,s))r.globalAlpha=Re(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#c(r,e,s)}#n(t,e,s){let[o,r,i]=[
$,$+U,$+U/2],[a,c]=[this.#r(e),this.#r(s)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return ht+
(t+.5)*this.pitch}#c(t,e,s){t.font=`${Math.
min(this.pitch-2,12)}px ${Te}`,t.textBaseline=
"middle",t.textAlign="right",this.#a(t,this.
rows,$-6,e),t.textAlign="left",this.#a(t,
this.columns,$+U+6,s)}#a(t,e,s,o){let[r,
i]=[getComputedStyle(document.body).color,
ee("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(Ie(a),s,this.#r(
c),$-8)})}};function Oe(n){return n<=60?
19:n<=200?12:Math.max(2,Math.floor(3e3/n))}
function Ie(n){return n.length>te?`${n.slice(
0,te-1)}…`:n}var Re=(n,t)=>Math.min(t?
Math.sqrt(n):n,1);function Ne(n,t,e){return(t>=
0?[t]:Array.from({length:n.rows},(o,r)=>r)).
flatMap(o=>Pe(n,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Pe(n,t,e,s){
let o=_(n,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>Ce);return e?o:s>=0?o.filter(([
,r])=>r===s):o.sort((r,i)=>i[0]-r[0]).slice(
0,qe)}var ee=n=>getComputedStyle(document.
documentElement).getPropertyValue(n);var E=Object.freeze({query:-1,key:-1}),g=n=>n.
query<0&&n.key<0,S=n=>n.query>=0&&n.key>=
0,De=["kept","row","column","cell","row-\
tag","column-tag"],X=class{constructor(t,e,s){
this.measured=e,this.shown=e,this.canvas=
je(t.alt,e,s),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(De.map(o=>[o,He(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=l("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?Gt(this.measured):
this.measured,Jt(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:s}=this.
shown;return{query:x(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:x(Math.
floor(t.offsetX/this.canvas.clientWidth*
s),s)}}start(){let{rows:t,columns:e,weights:s}=this.
shown,o=s.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:s,columns:o}=this.shown,
r=Array.from({length:t>=0?o:s},(c,h)=>t>=
0?{query:t,key:h}:{query:h,key:e}),i=r.map(
c=>this.weightAt(c)),a=Math.max(...i);return a>
0?r[i.indexOf(a)]:E}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":P(e)}mark(t,e,s){
let{rows:o,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#n();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,o],c),this.#e("cell",S(t),[a,i,1,1],c);
let h=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!g(e),h,c),this.#s(
"row-tag",s.row),this.#s("column-tag",s.
column),this.marks["row-tag"].style.top=
k(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=k(c.left+(a+.5)*c.cell)}#e(t,e,[
s,o,r,i],{cell:a,height:c,left:h,top:u}){
let d=this.marks[t];d.hidden=!e,d.style.
left=k(h+s*a),d.style.top=k(u+o*c),d.style.
width=k(r*a),d.style.height=k(i*c)}#s(t,e){
let s=this.marks[t];s.hidden=e===void 0,
e!==void 0&&s.replaceChildren(l("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:s,
clientHeight:o}=this.canvas;return{cell:s/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function je(n,{rows:t,columns:e},s){
let o=l("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${n}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",s),o}function He(n){let t=l(
"div","",`mark-${n}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var se={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
We="Point at a map: all show the same pa\
ir of tokens.",V=class{constructor(t,e,s,o){
this.rows=e,this.columns=s,this.many=o,this.
view="matrix",this.hint=l("span",o?We:se.
matrix,"hint"),this.root=l("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
se[t==="text"&&!e?"text, from":t])}say(t,e,s){
g(t)?this.root.replaceChildren(this.hint):
S(t)?this.#s(t,s):this.#t(t,e,s)}#t(t,e,s){
let{query:o,key:r}=t,i=o>=0?A(this.rows[o],
o):A(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,s),a)}#e(t,e){
let s=e.strongest(t),o=t.query>=0;if(g(s))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?A(this.
columns[s.key],s.key):A(this.rows[s.query],
s.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",l("b",P(e.weightAt(
s)))]}#s(t,e){let{query:s,key:o}=t,[r,i]=[
A(this.rows[s],s),A(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let s=e.weightAt(
t);return s<0?[": the sink, taken out"]:
this.many?[]:[": ",l("b",P(s))]}};var D=class{constructor(t,e,s){this.on=s,
this.root=l("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(Fe),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,s,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:vt(a,o);r.style.background=
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
this.on.over(t)}#n(t,e){if(H(t))return;let s=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:s};
if(t.key in o)this.spans[x(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function Fe(n){let t=l("bdi",n,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var ne=9,Y=class n{#t=E;#e=E;#s=null;#n=null;followers=[];static async start(t,e,s,o,r=zt){
let i=new n(t,e,s,o,r);await i.#r(),i.many||
i.#c();for(let a of i.maps)i.#w(a);return i.
repaint(),t.dataset.ready="",i}constructor(t,{
tokens:e,columns:s,text:o},r,i,a){this.root=
t,this.rows=e,this.columns=s??e,this.twoTexts=
s!==void 0,this.text=o??e,this.many=t.classList.
contains("multiples"),this.choices=r,this.
onPin=i,this.weightsOf=a,this.maps=[],this.
readout=new V(`readout-${t.dataset.maps}`,
this.rows,this.columns,this.many),t.prepend(
this.readout.root)}async#r(){let t=j(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(s=>this.weightsOf(s,this.rows.
length,this.columns.length)));this.maps=
t.map((s,o)=>new X(s,e[o],this.readout.root.
id))}#c(){let t=l("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",s=this.#a(()=>this.readsRows()),
o=new D(this.text,e,s);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#a(
()=>!1);r=new D(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:o,columns:r}}#a(t){
let e=s=>t()?{query:s,key:-1}:{query:-1,
key:s};return{over:s=>this.#o(e(s)),out:()=>this.#i(),
pin:s=>this.#h(e(s))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:s}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(s,e);this.root.dataset.view===
"arcs"&&this.#f(),this.#u(g(this.#t)?this.#e:
this.#t),this.fit(),this.#l()}#f(){if(this.#n)
return;this.#n=new K(this.rows,this.columns,
{over:(e,s)=>this.#o({query:e,key:s}),out:()=>this.#i(),
pin:e=>this.#h({query:e,key:-1})});let t=l(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#p()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),s=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||s<=ne)return;let o=e.clientWidth-
w(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&s*r>o&&t.setProperty("--cell",
k(Math.max(ne,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(g(this.#t)?
t:this.#t),this.#l()}#h(t){this.pin(oe(t,
this.#e)?E:t)}#o(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#i(){this.#o(E)}follow(t){
oe(t,this.#t)||(this.#t=t,this.#u(g(t)?this.#e:
t),this.#l())}#u(t){this.readout.say(t,!g(
this.#e),this.maps[0]);for(let e of this.
maps)g(t)?e.sayWeight(null):S(t)&&e.sayWeight(
t)}#l(){this.#d(),this.root.dataset.view===
"arcs"&&this.#m(),this.#p()}current(){return g(
this.#e)?this.#t:this.#e}#d(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!g(this.#e),
this.choices()],{rows:s,columns:o}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&o?o:s).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:s}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?_(s,t):null,i=!o&&e>=0?Zt(s,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#m(){let{query:t,
key:e}=this.arcsShown();this.#n?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#p(){
let t=g(this.#t)?this.#e:this.#t,e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let s of this.maps)s.
mark(t,this.#e,e)}#w(t){let{canvas:e}=t;
e.addEventListener("pointermove",s=>this.#o(
t.cellAt(s))),e.addEventListener("pointe\
rdown",s=>this.#o(t.cellAt(s))),e.addEventListener(
"click",s=>{this.many||this.#h(t.cellAt(
s))}),e.addEventListener("pointerleave",
s=>{let o=document.activeElement===e&&e.
matches(":focus-visible");s.pointerType===
"mouse"&&!o&&this.#i()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#o(t.start())}),
e.addEventListener("blur",()=>this.#i()),
e.addEventListener("keydown",s=>this.#y(
s,t))}#y(t,e){let s=this.#k(e)[t.key];!s||
H(t)||(t.preventDefault(),t.stopPropagation(),
s())}#k(t){let e=(s,o)=>()=>this.#x(t,s,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#g(t),
" ":()=>this.#g(t),Escape:()=>{this.many||
this.pin(E)}}}#x(t,e,s){let{query:o,key:r}=this.#t;
S(this.#t)?this.#o({query:x(o+e,this.rows.
length),key:x(r+s,this.columns.length)}):
this.#o(t.start())}#g(t){S(this.#t)||this.#o(
t.start()),this.many||this.#h(this.#t)}},
oe=(n,t)=>n.query===t.query&&n.key===t.key;var T=["a","b"],z=class{#t=[];#e=0;constructor(){
this.form=w(".heads-controls"),this.controls=
Yt(),this.problem=w("#heads-problem")}async start(){
w("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",t=>{
this.#f(t)}),w("[data-swap]").addEventListener(
"click",()=>{this.#h()}),this.controls.listen(
()=>this.#u(),()=>{}),xt(()=>this.#l()),
addEventListener("resize",()=>{for(let t of this.#t)
t.resize()}),I.onChange(()=>{this.#n()}),
await this.#n()}#s(t){return ut(this.form,
t)}async#n(){let t=I.read();this.controls.
show(t),t.sink||this.controls.recallSink(),
await this.#r("a",t.a),await this.#r("b",
t.b||await this.#a()),await this.#d(t.text,
{query:t.row,key:t.column})}async#r(t,e){
let[s,o]=e.split("/"),r=this.#s(`model-${t}`);
Array.from(r.options).some(({value:i})=>i===
s)&&(r.value=s),await this.#c(t,o)}async#c(t,e){
let s=this.#s(`head-${t}`),o=this.#s(`mo\
del-${t}`).value,{heads:r,labels:i,layers:a}=await R(
o,`${o}/data`).heads(),c=0,h=a.map(([u,d])=>{
let f=l("optgroup");f.label=u;for(let v=c+
d;c<v;c++){let[m]=i[c];f.append(new Option(
[r[c],m&&C(m[0])].filter(Boolean).join("\
 "),r[c]))}return f});s.replaceChildren(
...h.filter(u=>u.children.length)),r.includes(
e)&&(s.value=e)}async#a(){let[t,e]=["mod\
el-a","head-a"].map(a=>this.#s(a).value),
{heads:s,labels:o}=await R(t,`${t}/data`).
heads(),[r]=o[s.indexOf(e)],i=s.find((a,c)=>a!==
e&&r&&o[c][0]?.[0]===r[0]);return`${t}/${i??
s.find(a=>a!==e)??e}`}async#f({target:t}){
let{name:e}=t,s=T.find(o=>e===`model-${o}`);
s&&await this.#c(s,this.#s(`head-${s}`).
value),await this.#d(this.#s("text").value),
this.#i()}async#h(){let[t,e]=T.map(s=>this.#o(
s));await this.#r("a",e),await this.#r("\
b",t),await this.#d(this.#s("text").value),
this.#i()}#o(t){return`${this.#s(`model-${t}`).
value}/${this.#s(`head-${t}`).value}`}#i(t={}){
let[e,s]=T.map(o=>this.#o(o));I.write({a:e,
b:s,text:this.#s("text").value,...this.controls.
state(),...t})}#u(){this.#l();let{row:t,
column:e}=I.read();this.#i({row:t,column:e})}#l(){
this.controls.explain();for(let t of this.#t)
t.repaint()}async#d(t,e){let s=++this.#e;
delete w("#heads").dataset.ready;let o=T.
map(c=>this.#o(c).split("/")),[r,i]=await Promise.
all(o.map(([c,h])=>Mt(c,h)));if(s!==this.#e)
return;document.title=`${r.name} and ${i.
name} · headatlas`,T.forEach((c,h)=>{_e(
w(`[data-side=${c}]`),[r,i][h])});let a=this.#m(
qt(r,i),t);if(await this.#p([r,i],a),e)for(let c of this.#t)
Be(c,e)&&c.keep(e);this.#y(r,i),w("#head\
s").dataset.ready=""}#m(t,e){let s=this.#s(
"text");s.replaceChildren(...t.map(({anchor:r,
sequence:i,alike:a})=>{let c=a?i.name:`s\
equence ${i.sequence}, each its own toke\
ns`;return new Option(`${i.probe}: ${c}`,
r)})),t.some(({anchor:r})=>r===e)&&(s.value=
e);let o=t.find(({anchor:r})=>r===s.value);
return this.problem.hidden=o?.equal??!1,
this.problem.textContent=o?o.alike?"The \
two models cut this text into other toke\
ns: the maps do not point together.":"Th\
e same sequence of the probe, each model\
 with tokens of its own: compare the for\
m, not the cells.":"There is no text of \
which maps of both heads are kept.",o?.anchor??
""}async#p(t,e){this.#t=[];let s=t.map(({
texts:h})=>h.get(e)),o=T.map(h=>w(`[data\
-side=${h}] figure`)),r=s.map((h,u)=>h?Ue(
t[u],h.sequence,u):null);o.forEach((h,u)=>{
h.replaceChildren(...[r[u]].filter(d=>d!==
null))});let i=r.map((h,u)=>{let d=s[u];
return h&&d?Y.start(h,d.sequence,()=>this.
controls.choices(),f=>this.#w(f),()=>t[u].
map(d.number)):null});this.#t=(await Promise.
all(i)).filter(h=>h!==null);let[a,c]=this.#t;
c&&s[0]&&s[1]&&it(s[0].sequence,s[1].sequence)&&
([a.followers,c.followers]=[[c],[a]])}#w(t){
for(let e of this.#t)e.followers.length&&
e.keep(t);this.#i({row:t.query,column:t.
key})}#y(t,e){let s=Pt(t,e);w("#score-di\
fferences").replaceChildren(...s.rows),w(
"#score-caption").textContent=`The ${s.shown}\
 patterns of ${s.n} in which the two dif\
fer most, each on the probe it is meant \
to be read on, with 95% intervals. Diffe\
rence: the second less the first.`;let o=Dt(
t,e);w("#evidence-differences").replaceChildren(
...o.n?o.rows:[]);for(let r of j(HTMLElement,
"[data-of-evidence]"))r.hidden=!o.n}},Be=(n,{
query:t,key:e})=>t<n.rows.length&&e<n.columns.
length;function _e(n,{slug:t,model:e,name:s,
labels:o}){let r=w("h2 a",n);[r.textContent,
r.href]=[s,`${t}/heads/${s}.html`],w("[d\
ata-model]",n).textContent=e;let i=o.map(
({name:a,strength:c,hue:h})=>{let u=l("l\
i",`${C(a)} `,`chip ${h}`);return c!==null&&
u.append(l("b",Ot(c))),u});w(".chips",n).
replaceChildren(...i.length?i:[l("li","n\
o label","soft")])}function Ue({name:n,model:t},{
tokens:e,columns:s,axes:o,step:r,cells:i,
on:a},c){let h=l("div","",`map-set cell-${i[0]}\
 step-${r}`);h.dataset.maps=String(c);let u=l(
"div","","maps labelled");for(let[v,m]of[
["rows",0],["columns",1]]){let y=l("pre",
o[m],`axis-${v}`);y.setAttribute("aria-h\
idden","true"),y.translate=!1,u.append(y)}
let d=l("img","","pixels");[d.width,d.height]=
[(s??e).length*i[0],e.length*i[0]],d.alt=
`Attention of ${n} of ${t} on ${a}`;let f=l(
"div","","map");return f.append(d),u.append(
f),h.append(u),h}dt();new z().start();})();
