// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function u(s,t="",e=""){let n=document.createElement(
s);return n.textContent=t,e&&(n.className=
e),n}function v(s,{read:t=!1}={}){return s.getContext(
"2d",t?{willReadFrequently:!0}:void 0)}function ft(s,t){
let e=u("a",s);return e.href=t,e}function E(s,t){
let e=u("span"),n=u("bdi",s,"token");return n.
translate=!1,e.append(n,u("span",` ${t}`,
"soft")),e}var x=s=>`${s}px`,k=(s,t)=>Math.
min(t-1,Math.max(0,s));function m(s,t=document){
return t.querySelector(s)}function H(s,t,e=document){
return Array.from(e.querySelectorAll(t)).
filter(n=>n instanceof s)}function mt(s,t){
return s.elements.namedItem(t)}var W=s=>s.altKey||s.ctrlKey||s.metaKey;function wt(){for(let s of document.querySelectorAll(
"[data-needs-script]"))s.removeAttribute(
"hidden")}function C(...s){return{read:t=>s.find(e=>e===
t)??s[0],write:t=>t===s[0]?"":t}}var f={
read:s=>s??"",write:s=>s},T={read:s=>/^\d+$/.
test(s??"")?Number(s):-1,write:s=>s<0?"":
String(s)},we={read:s=>({column:(s||"hea\
d").replace(/^-/,""),down:s?.startsWith(
"-")??!1}),write:({column:s,down:t})=>s===
"head"&&!t?"":(t?"-":"")+s},ge={read:s=>s?
s.split(","):null,write:s=>s?s.join()||"\
none":""},ye={read:s=>(s??"").split(",").
filter(Boolean).map(xe),write:s=>s.map(({
column:t,least:e,most:n})=>`${t}:${e??""}\
:${n??""}`).join()};function xe(s){let t=s.
split(":"),[e,n]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:n?Number(n):void 0}}var b=class{constructor(t){
this.fields=t}read(){let{choices:t}=gt(),
e=Object.entries(this.fields).map(([n,o])=>[
n,o.read(t.get(n))]);return Object.fromEntries(
e)}format(t,e=""){let n=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let i=o in t?r.write(t[o]):"";i&&n.set(o,
i)}return[e,String(n).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:n=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=n?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!ke())&&
t()})}};function gt(){let s=location.hash.
slice(1),[t,...e]=s.split("&"),n=t.includes(
"=")?"":t;return{anchor:n,choices:new URLSearchParams(
n?e.join("&"):s)}}function ke(){let{anchor:s}=gt(),
t=Number(s.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(s)?s:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??s}var yt={view:C("matrix","t\
ext","arcs"),direction:C("to","from"),scale:C(
"linear","root"),sink:C("","show","hide"),
row:T,column:T},hs=new b(yt),I=new b({a:f,
b:f,text:f,...yt}),ls=new b({pattern:f,probe:f,
value:C("score","sinkfree"),scale:C("ful\
l","fit"),label:f}),us=new b({text:f,label:f,
probe:f,from:f,to:f,sort:we,columns:ge,range:ye,
page:T}),ds=new b({x:f,y:f}),ps=new b({by:f,
through:f,from:f,to:f,head:f,least:T}),fs=new b(
{a:f,b:f,pattern:f}),ms=new b({picture:f,
head:f,step:T,word:T});var kt=s=>Array.from({length:256},(t,e)=>Number.
parseInt(s.slice(6*e,6*e+6),16)),tt=kt(window.
headatlas.light),be=kt(window.headatlas.
dark),xt=new Map(tt.map((s,t)=>[s,t])),bt=matchMedia(
"(prefers-color-scheme: dark)"),vt=[],At=!1,
et=()=>bt.matches&&!At?be:tt;var Et=s=>vt.push(s);function $t(){for(let s of vt)
s()}bt.addEventListener("change",$t);for(let[
s,t]of[["beforeprint",!0],["afterprint",
!1]])addEventListener(s,()=>{At=t,$t()});
var ve=s=>`#${s.toString(16).padStart(6,
"0")}`,st=(s,t)=>Math.round(255*(t?Math.
sqrt(s):s));function St(s,t,e=et()){let n=e[st(
Math.min(Math.max(s,0),1),t)],o=Ae(n)>.179;
return{background:ve(n),color:o?"#000":"\
#fff"}}function Ae(s){let[t,e,n]=Z(s).map(
o=>{let r=o/255;return r<=.04045?r/12.92:
((r+.055)/1.055)**2.4});return .2126*t+.7152*
e+.0722*n}var Z=s=>[16,8,0].map(t=>s>>t&
255);function Mt(s){let t=xt.get(s);return t===
void 0&&(t=Ee(s),xt.set(s,t)),t}function Ee(s){
let t=Z(s),e=tt.map(n=>Z(n).reduce((o,r,i)=>o+
(r-t[i])**2,0));return e.indexOf(Math.min(
...e))}async function F(s){let t=new Uint16Array(
s.length),e=0;for(let r=1;r<s.length;r++){
let i=s.charCodeAt(r);t[e++]=i===57344?s.
charCodeAt(++r)^32768:i}let n=new Uint8Array(
t.buffer,0,2*e-Number(s[0])),o=new Blob(
[n]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function B(s){let t=await F(
s),e=4+new DataView(t.buffer).getUint32(
0,!0),[n,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,e))),i=o*r,a=new Float64Array(
i);for(let l=t.length;l>e;l-=i||l)for(let h=0;h<
i;h++)a[h]=256*a[h]+t[l-i+h];let c=Array.
from({length:r},(l,h)=>Array.from(a.subarray(
h*o,(h+1)*o),$e));return{facts:n,columns:c}}
var $e=s=>s===0?null:s%2?(s-1)/2:-s/2;function N(s,t){return{heads:()=>it(`${s}\
 heads`,`${t}/heads.js`,Me),numbers:e=>it(
`${s} ${e}`,`${t}/${e.split("#")[0]}.js`,
Ce),circuits:()=>Se(`${s} circuits`,`${t}\
/circuits.js`)}}var nt=new Map;function it(s,t,e){
let n=async()=>{let{facts:r,columns:i}=await B(
await Ct(s,t));return e(r,i)},o=nt.get(s)??
n();return nt.set(s,o),o.catch(()=>nt.delete(
s)),o}var Se=(s,t)=>it(s,t,e=>e);function Me(s,t){
return Object.values(s.patterns).forEach(
(e,n)=>{e.score=t[n]}),s}function Ce(s,t){
let e=s.against?1:2;return Object.values(
s.probes).forEach((n,o)=>{let[r,i]=t.slice(
o*e,(o+1)*e);n.score=r,n.sinkfree=i?.map(
(a,c)=>a===null?null:a+(r[c]??0))??[]}),
s}var ot=new Map,Te=s=>new Promise((t,e)=>{
let n=document.createElement("script");n.
src=s,n.onload=()=>t(),n.onerror=()=>e(new Error(
`${s} could not be loaded`)),document.head.
append(n)});async function Ct(s,t){if(!(window.
headatlas?.data&&s in window.headatlas.data)){
let e=ot.get(t)??Te(t);ot.set(t,e),await e.
finally(()=>ot.delete(t))}return window.
headatlas.data[s]}var rt=new Map;function at(s,t){
return rt.has(t)||(window.headatlas?.data&&
delete window.headatlas.data[s],rt.set(t,
Ct(s,t))),rt.get(t)}function Tt(s,t,e){let o={first:0,small:t.
reduce((r,{rows:i})=>r+i,0),large:s.length};
return t.map(r=>qe(s,r,e,o))}function qe(s,{
rows:t,columns:e},n,o){let r=new Int16Array(
t*e).fill(-1);for(let i=0;i<t;i++){let a=i*
e,c=a+(n?Math.min(i+1,e):e),l=0;for(let h=a+
1;h<c;h++){let p=i>0&&(r[h-e]>=4||h>a+1&&
r[h-e-1]>=4)||h>a+1&&r[h-1]>=4;r[h]=s[p?
--o.large:o.small++],l+=r[h]}r[a]=s[o.first++]+
255-l&255}return r}var Lt=()=>window.headatlas.data.layers;
function _(){let s=document.querySelector(
"h1")?.textContent?.trim().replace(/H\d+$/,
"")??"";return Lt()?.layers[s]}async function Ot(s=Lt()){
if(!s)return null;let[t,e]=await Promise.
all([F(s.tables),B(s.scores)]);return{...JSON.
parse(new TextDecoder().decode(t)),scores:Le(
e)}}function Le({facts:[s,t,e],columns:n}){
let o=Object.fromEntries(s.map((a,c)=>[a,
n[c]])),r=Array.from(o.queries.keys()),i=a=>{
let c=r.filter(h=>h%t.length===a&&o.queries[h]!==
null),l=Object.fromEntries(s.map(h=>[h,c.
map(d=>o[h][d])]));return{...l,pattern:c.
map(h=>Math.floor(h/t.length)),rival:l.rival.
map(h=>h===null?null:e[h])}};return Object.
fromEntries(t.map((a,c)=>[a,i(c)]))}function U(s,t=_()){let e=t?.maps[s];return t&&
e?t.kept[e[0]]:[]}var Oe=(s,t=_())=>t?.rests[s]??
[];function Ie(s,t=_()){return Object.keys(
t?.maps??{}).filter(e=>U(e,t).includes(s))}
var qt=new Map;async function ct(s,t,e,n=_()){
if(s==="mean")return Re(await Promise.all(
Ie(t,n).map(c=>ct(c,t,e,n))));let[o,r]=[
U(s,n),n.maps[s][1]],i=qt.get(r)??Ne(r,o,
e,n.causal);qt.set(r,i);let a=(await i)[o.
indexOf(t)].slice();return{...e[t],weights:a,
rests:Oe(t,n)}}async function Ne(s,t,e,n){
let o=await F(s);return Tt(o,t.map(r=>e[r]),
n)}function Re(s){let[{rows:t,columns:e,
rests:n}]=s,o=new Int16Array(t*e);for(let r=0;r<
o.length;r++){let i=s.reduce((c,l)=>c+l.
weights[r],0)/s.length,a=Math.round(i);o[r]=
a-i===.5&&a%2?a-1:a}return{rows:t,columns:e,
weights:o,rests:n}}var Pe=24;async function Nt(s,t){let e=`${s}\
/data`,n=await N(s,e).heads(),o=t.replace(
/H\d+$/,""),[,,r,i]=n.layers.find(([p])=>p===
o)??[o,0,"self",0],[a,c]=await Promise.all(
[at("layers",`${e}/layers-${i}.js`),at("\
tokens",`${e}/tokens-${r}.js`)]),l=c.map(
({tokens:p,columns:w})=>({rows:p.length,
columns:(w??p).length})),h=a.layers[o],d=U(
t,h);return{slug:s,model:n.model,name:t,
labels:n.labels[n.heads.indexOf(t)].map(
([p,w])=>({name:p,strength:w,hue:n.patterns[p]?.
hue??""})),texts:new Map(d.map(p=>[De(c[p]),
{number:p,sequence:c[p]}])),map:p=>ct(t,
p,l,h),tables:await Ot(a)}}var De=({file:s,
sequence:t})=>`${s}-${t}`,ht=(s,t)=>s.tokens.
join(`
`)===t.tokens.join(`
`)&&s.columns?.join(`
`)===t.columns?.join(`
`);function It({tokens:s}){return s.filter(
e=>!/^(\[.*\]|<.*>)$/.test(e)).join("").
toLowerCase().replace(/[^\p{L}\p{N}]/gu,
"").slice(0,Pe)}function Rt(s,t){let e=[];
for(let[n,{sequence:o}]of s.texts){let r=t.
texts.get(n)?.sequence;r&&e.push({anchor:n,
sequence:o,alike:It(o)===It(r),equal:ht(
o,r)})}return e.sort((n,o)=>Number(o.alike)-
Number(n.alike)||n.sequence.rank-o.sequence.
rank)}var je=/^[-–+\d.]+$/;function Pt(s){let t=u(
"tr");return t.append(...s.map((e,n)=>{let o=jt(
e,"col");return typeof e=="string"&&n>0&&
(o.className="n"),o})),t}function Dt([s,
...t]){let e=u("tr");return e.append(jt(
s,"row"),...t.map(He)),e}function jt(s,t){
let e=u("th");return e.scope=t,e.append(
s),e}function He(s){let t=u("td");return typeof s==
"string"&&je.test(s)&&(t.className="n"),
t.append(s),t}var q=s=>s.replaceAll("_"," ");function R(s){
return s==null?"–":s.toFixed(Math.abs(
s)<10?3:1)}function Ht(s){return s===null?"–":Math.
abs(s)>=9.95?s.toFixed(0):Math.abs(s)>1?
s.toFixed(1):s.toFixed(2).replace("1.00",
"1").replace("-0.00","0.00").replace("0.",
".")}var We=20;function _t(s,t){let e=Xt(Ft(s),
Ft(t)).sort((o,r)=>r.apart-o.apart),n=e.
slice(0,We);return{rows:[Kt("Pattern",s,
t),Gt(n)],n:e.length,shown:n.length}}function Ut(s,t){
let e=Xt(Bt(s),Bt(t)),o=Array.from(new Set(
e.map(({name:r})=>r.textContent))).flatMap(
r=>e.filter(({name:i})=>i.textContent===
r));return{rows:[Kt("Evidence",s,t),Gt(o)],
n:o.length}}function Kt(s,t,e){let n=u("\
thead"),[o,r]=t.model===e.model?[t.name,
e.name]:[t,e].map(({model:i,name:a})=>`${a}\
, ${i}`);return n.append(Pt([s,o,r,"Diff\
erence"])),n}function Gt(s){let t=u("tbo\
dy");return t.append(...s.map(({name:e,probe:n,
own:o,other:r,difference:i})=>{let a=Number.
isNaN(i)?"–":(i>0?"+":"")+R(i);return Dt(
[Fe(e,n),Wt(o),Wt(r),a])})),t}function Fe(s,t){
let e=u("span");return e.append(s," ",u(
"span",q(t),"soft")),e}function Wt(s){if(!s)
return"–";let{value:t,low:e,high:n,estimated:o}=s,
r=u("span",`${o?"about ":""}${R(t)}`,"wi\
th-interval");return e!==null&&n!==null&&
r.append(" ",u("span",`${R(e)} to ${R(n)}`,
"soft")),r}function Xt(s,t){let e=new Map(
t.map(i=>[i.key,i])),n=new Set(s.map(({key:i})=>i)),
o=s.map(i=>({line:i,own:i.measured,other:e.
get(i.key)?.measured})),r=t.filter(({key:i})=>!n.
has(i)).map(i=>({line:i,own:void 0,other:i.
measured}));return[...o,...r].map(({line:{
name:i,probe:a,scale:c},own:l,other:h})=>{
let d=l&&h?h.value-l.value:Number.NaN;return{
name:i,probe:a,own:l,other:h,difference:d,
apart:Math.abs(d)/c}})}function Ft({name:s,
tables:t}){let e=t?.scores[s];return t&&
e?e.pattern.flatMap((n,o)=>{let[r,i,,,a,
c]=t.patterns[n],l=Vt(e.score[o],e.low[o],
e.high[o],!1),h=ft(q(r),`patterns/${i}.h\
tml`);return l?[{key:r,name:h,probe:a,measured:l,
scale:c}]:[]}):[]}function Bt({name:s,tables:t}){
let e=t?.evidence.heads[s];return t&&e?e.
line.flatMap((n,o)=>{let[,r,i,a,c]=t.evidence.
lines[n],l=Vt(e.value[o],e.low[o],e.high[o],
!!e.estimated[o]),h=u("span",`${r} `);return h.
append(u("span",a,"soft")),l?[{key:`${i}\
 ${c}`,name:h,probe:c,measured:l,scale:1}]:
[]}):[]}function Vt(s,t,e,n){let o=r=>r===
null?null:r/1e3;return s===null?null:{value:s/
1e3,low:o(t),high:o(e),estimated:n}}var Yt="headatlas-sink";function zt(){try{
let s=localStorage.getItem(Yt);return s===
"hide"||s==="show"?s:""}catch{return""}}
function Jt(s){try{localStorage.setItem(
Yt,s?"hide":"show")}catch{}}var Qt=4,ut=class{constructor(t){this.form=
t,t?.addEventListener("submit",e=>e.preventDefault())}state(){
return{view:this.#s("view")||"matrix",direction:this.#s(
"direction")||"to",scale:this.#s("scale")||
"linear",sink:this.#e()}}choices(){let{view:t,
direction:e,scale:n}=this.state();return{
view:t,direction:e,squareRoot:n==="root",
sink:this.#t()?.checked??!1}}#t(){let t=this.
form?.elements.namedItem("sink");return t instanceof
HTMLInputElement?t:null}#e(){let t=this.#t();
return!t||t.checked===t.defaultChecked?"":
t.checked?"hide":"show"}#s(t){let e=this.
form?.elements.namedItem(t);return e instanceof
RadioNodeList||e instanceof HTMLSelectElement?
e.value:""}show(t){for(let n of["view","\
direction","scale"]){let o=this.form?.elements.
namedItem(n);(o instanceof RadioNodeList||
o instanceof HTMLSelectElement)&&(o.value=
t[n])}let e=this.#t();e&&(e.checked=t.sink?
t.sink==="hide":e.defaultChecked)}recallSink(){
let[t,e]=[this.#t(),zt()];return!(t&&e)||
t.checked===(e==="hide")?!1:(t.checked=!t.
checked,!0)}explain(){let{view:t,squareRoot:e}=this.
choices();for(let n of this.form?.querySelectorAll(
"[data-direction]")??[])n.toggleAttribute(
"hidden",t==="arcs");for(let n of document.
querySelectorAll(".scale"))n.setAttribute(
"data-view",t);document.querySelectorAll(
"[data-scale-ticks] li").forEach((n,o)=>{
let r=e?(o/Qt)**2:o/Qt;n.textContent=String(
Number(r.toFixed(2))).replace("0.",".")})}listen(t,e){
this.form?.addEventListener("change",({target:n})=>{
let o=this.#t();o&&n===o&&Jt(o.checked),
t()}),this.form?.addEventListener("click",
n=>{let o=n.target instanceof HTMLElement?
n.target.dataset.save:void 0;o&&e(o)})}};
function ee(){let s=document.querySelector(
".map-controls");return s&&Be(s),new ut(
s)}function Be(s){let t=s.dataset.offers?.
split(" ")??[];t.includes("views")&&(s.append(
te("View","view",["matrix","text","arcs"]),
te("Direction","direction",["to","from"],
["looks at","is looked at by"])),s.children[1].
toggleAttribute("data-direction",!0));let e=u(
"select");e.name="scale",e.append(new Option(
"linear","linear"),new Option("square ro\
ot","root"));let n=u("input");[n.type,n.
name,n.defaultChecked]=["checkbox","sink",
t.includes("aside")],s.append(lt("label",
"Colour scale ",e),lt("label",n," set th\
e sink aside")),t.includes("saves")&&s.append(
lt("span","Download ",Zt("svg")," ",Zt("\
png")))}function lt(s,...t){let e=u(s,"",
"control");return e.append(...t),e}function Zt(s){
let t=u("button",s.toUpperCase());return t.
type="button",t.dataset.save=s,t}function te(s,t,e,n=e){
let o=u("fieldset","","choice");return o.
append(u("legend",s,"hidden")),e.forEach(
(r,i)=>{let[a,c]=[u("label"),u("input")];
[c.type,c.name,c.value,c.defaultChecked]=
["radio",t,r,i===0],a.append(c,n[i]),o.append(
a)}),o}async function se(s,t,e){await s.decode();
let n=u("canvas");[n.width,n.height]=[e,
t];let o=v(n,{read:!0});o.drawImage(s,0,
0,e,t);let r=o.getImageData(0,0,e,t).data,
i=new Int16Array(t*e);for(let a=0;a<i.length;a++){
let c=r[4*a]<<16|r[4*a+1]<<8|r[4*a+2];i[a]=
r[4*a+3]<128?-1:Mt(c)}return{rows:t,columns:e,
weights:i}}function ne({rows:s,columns:t,
weights:e,rests:n=[]}){let o=new Set([0,
...n]),r=new Int16Array(e.length);for(let i=0;i<
s;i++){let a=e.subarray(i*t,(i+1)*t),c=a.
reduce((d,p)=>d+Math.max(p,0),0),l=c;for(let d of o)
l-=Math.max(a[d],0);let h=d=>l<3?0:Math.
round(d*c/l);r.set(a.map((d,p)=>d<0||o.has(
p)?-1:h(d)),i*t)}return{rows:s,columns:t,
weights:r}}function oe(s,t,e,n=et()){[t.
width,t.height]=[s.columns,s.rows];let o=v(
t,{read:!0}),r=o.createImageData(s.columns,
s.rows),i=new Uint32Array(r.data.buffer),
a=Uint32Array.from({length:256},(c,l)=>{
let h=n[st(l/255,e)];return(4278190080|(h&
255)<<16|h&65280|h>>16)>>>0});s.weights.
forEach((c,l)=>{c>=0&&(i[l]=a[Math.min(c,
255)])}),o.putImageData(r,0,0)}var P=s=>(s/
255).toFixed(3),re=s=>s<0?null:s/255;function K({
columns:s,weights:t},e){return Array.from(
t.subarray(e*s,(e+1)*s),re)}function ie({
rows:s,columns:t,weights:e},n){return Array.
from({length:s},(o,r)=>re(e[r*t+n]))}var _e=5,Ue=.02,$=130,G=260,L=2*$+G,dt=4,
Ke=8e3,ae=15,Ge='ui-monospace, Menlo, Co\
nsolas, "DejaVu Sans Mono", monospace',X=class{constructor(t,e,n){
this.rows=t,this.columns=e;let o=Math.max(
t.length,e.length);this.pitch=Xe(o),this.
height=o*this.pitch+2*dt,this.ratio=Math.
min(devicePixelRatio||1,Ke/this.height),
this.canvas=this.#t(),this.#e(n)}#t(){let{
ratio:t,height:e}=this,n=u("canvas","","\
arcs");return[n.width,n.height]=[Math.round(
L*t),Math.round(e*t)],[n.style.width,n.style.
aspectRatio]=[x(L),`${L} / ${e}`],n.setAttribute(
"role","img"),n.setAttribute("aria-label",
"Arcs from each token to the tokens it l\
ooks at. The matrix and the text have th\
e same weights, by keyboard too."),n}#e(t){
this.canvas.addEventListener("pointermov\
e",e=>t.over(...this.#s(e))),this.canvas.
addEventListener("pointerleave",t.out),this.
canvas.addEventListener("click",e=>{let[
n]=this.#s(e);n>=0&&t.pin(n)})}#s(t){let e=L/
this.canvas.clientWidth,n=Math.floor((t.
offsetY*e-dt)/this.pitch);return t.offsetX*
e>L/2?[-1,k(n,this.columns.length)]:[k(n,
this.rows.length),-1]}draw(t,e,n,o){let r=v(
this.canvas);r.setTransform(this.ratio,0,
0,this.ratio,0,0),r.clearRect(0,0,L,this.
height),r.strokeStyle=ce("--link"),r.lineWidth=
Math.min(2,Math.max(1,this.pitch/6));for(let i of ze(
t,e,n))r.globalAlpha=Ye(i.weight,o),this.#n(
r,i.query,i.key);r.globalAlpha=1,this.pitch>=
10&&this.#c(r,e,n)}#n(t,e,n){let[o,r,i]=[
$,$+G,$+G/2],[a,c]=[this.#r(e),this.#r(n)];
t.beginPath(),t.moveTo(o,a),t.bezierCurveTo(
i,a,i,c,r,c),t.stroke()}#r(t){return dt+
(t+.5)*this.pitch}#c(t,e,n){t.font=`${Math.
min(this.pitch-2,12)}px ${Ge}`,t.textBaseline=
"middle",t.textAlign="right",this.#h(t,this.
rows,$-6,e),t.textAlign="left",this.#h(t,
this.columns,$+G+6,n)}#h(t,e,n,o){let[r,
i]=[getComputedStyle(document.body).color,
ce("--soft")];e.forEach((a,c)=>{t.fillStyle=
o<0||o===c?r:i,t.fillText(Ve(a),n,this.#r(
c),$-8)})}};function Xe(s){return s<=60?
19:s<=200?12:Math.max(2,Math.floor(3e3/s))}
function Ve(s){return s.length>ae?`${s.slice(
0,ae-1)}…`:s}var Ye=(s,t)=>Math.min(t?
Math.sqrt(s):s,1);function ze(s,t,e){return(t>=
0?[t]:Array.from({length:s.rows},(o,r)=>r)).
flatMap(o=>Je(s,o,t>=0,e).map(([r,i])=>({
query:o,key:i,weight:r})))}function Je(s,t,e,n){
let o=K(s,t).map((r,i)=>[r??0,i]).filter(
([r])=>r>Ue);return e?o:n>=0?o.filter(([
,r])=>r===n):o.sort((r,i)=>i[0]-r[0]).slice(
0,_e)}var ce=s=>getComputedStyle(document.
documentElement).getPropertyValue(s);var S=Object.freeze({query:-1,key:-1}),g=s=>s.
query<0&&s.key<0,M=s=>s.query>=0&&s.key>=
0,Qe=["kept","row","column","cell","row-\
tag","column-tag"],V=class{constructor(t,e,n){
this.measured=e,this.shown=e,this.canvas=
Ze(t.alt,e,n),this.frame=t.parentElement,
t.replaceWith(this.canvas),this.marks=Object.
fromEntries(Qe.map(o=>[o,ts(o)])),this.frame.
append(...Object.values(this.marks)),this.
output=this.#t()}#t(){let t=this.frame.parentElement?.
querySelector(".map-title");if(!t)return null;
let e=u("output");return t.append(" ",e),
e}paint(t,e){this.shown=t?ne(this.measured):
this.measured,oe(this.shown,this.canvas,
e)}cellAt(t){let{rows:e,columns:n}=this.
shown;return{query:k(Math.floor(t.offsetY/
this.canvas.clientHeight*e),e),key:k(Math.
floor(t.offsetX/this.canvas.clientWidth*
n),n)}}start(){let{rows:t,columns:e,weights:n}=this.
shown,o=n.subarray(e*(t-1),e*t);return{query:t-
1,key:o.indexOf(Math.max(...o))}}weightAt({
query:t,key:e}){return this.shown.weights[t*
this.shown.columns+e]}strongest({query:t,
key:e}){let{rows:n,columns:o}=this.shown,
r=Array.from({length:t>=0?o:n},(c,l)=>t>=
0?{query:t,key:l}:{query:l,key:e}),i=r.map(
c=>this.weightAt(c)),a=Math.max(...i);return a>
0?r[i.indexOf(a)]:S}isFuture({query:t,key:e}){
return this.measured.weights[t*this.measured.
columns+e]<0}sayWeight(t){if(!this.output)
return;let e=t?this.weightAt(t):-1;this.
output.textContent=e<0?"":P(e)}mark(t,e,n){
let{rows:o,columns:r}=this.shown,{query:i,
key:a}=t,c=this.#n();this.#e("row",i>=0,
[0,i,r,1],c),this.#e("column",a>=0,[a,0,
1,o],c),this.#e("cell",M(t),[a,i,1,1],c);
let l=e.query>=0?[0,e.query,r,1]:[e.key,
0,1,o];this.#e("kept",!g(e),l,c),this.#s(
"row-tag",n.row),this.#s("column-tag",n.
column),this.marks["row-tag"].style.top=
x(c.top+(i+.5)*c.height),this.marks["col\
umn-tag"].style.left=x(c.left+(a+.5)*c.cell)}#e(t,e,[
n,o,r,i],{cell:a,height:c,left:l,top:h}){
let d=this.marks[t];d.hidden=!e,d.style.
left=x(l+n*a),d.style.top=x(h+o*c),d.style.
width=x(r*a),d.style.height=x(i*c)}#s(t,e){
let n=this.marks[t];n.hidden=e===void 0,
e!==void 0&&n.replaceChildren(u("bdi",e))}#n(){
let{offsetLeft:t,offsetTop:e,clientWidth:n,
clientHeight:o}=this.canvas;return{cell:n/
this.shown.columns,height:o/this.shown.rows,
left:t,top:e}}};function Ze(s,{rows:t,columns:e},n){
let o=u("canvas","","pixels");return o.style.
setProperty("--rows",String(t)),o.style.
setProperty("--columns",String(e)),o.tabIndex=
0,o.setAttribute("role","application"),o.
setAttribute("aria-roledescription","hea\
tmap"),o.setAttribute("aria-label",`${s}\
. Arrow keys move from cell to cell, Ent\
er keeps a row.`),o.setAttribute("aria-d\
escribedby",n),o}function ts(s){let t=u(
"div","",`mark-${s}`);return t.hidden=!0,
t.setAttribute("aria-hidden","true"),t}var es=[255,120,0],ss=.8;async function he(s){
let t=new Image;t.src=s,await t.decode();
let e=u("canvas");[e.width,e.height]=[t.
naturalWidth,t.naturalHeight];let n=v(e,
{read:!0});return n.drawImage(t,0,0),n.getImageData(
0,0,e.width,e.height)}function le(s,t,[e,
n],o){let{width:r,height:i,data:a}=t;[s.
width,s.height]=[r,i];let c=v(s);if(!o)return c.
putImageData(t,0,0);let l=Math.max(...Array.
from(o))||1,h=c.createImageData(r,i);for(let d=0;d<
i;d++){let p=n*Math.floor(d*e/i);for(let w=0;w<
r;w++){let y=4*(d*r+w),A=.299*a[y]+.587*
a[y+1]+.114*a[y+2],pt=ss*o[p+Math.floor(
w*n/r)]/l;for(let j=0;j<3;j++)h.data[y+j]=
A*(1-pt)+es[j]*pt;h.data[y+3]=255}}c.putImageData(
h,0,0)}function ue(s,[t,e],n){s.hidden=n<
0,s.style.setProperty("inset-block-start",
`${100*Math.floor(n/e)/t}%`),s.style.setProperty(
"inset-inline-start",`${100*(n%e)/e}%`),
s.style.width=`${100/e}%`,s.style.height=
`${100/t}%`}var Y=class s{static async of(t){let e=t.
closest(".example")?.querySelector(".ove\
rlays .pointed");if(!(e instanceof HTMLElement))
return null;let n=m("img, canvas",e);return(n instanceof
HTMLImageElement?await s.#t(e,n):de.get(
e))??null}static async#t(t,e){let n=new s(
t,await he(e.src));return e.replaceWith(
n.canvas),t.hidden=!1,de.set(t,n),n}constructor(t,e){
let{rows:n,columns:o,queries:r,keys:i}=t.
dataset;this.pixels=e,this.grid=[Number(
n),Number(o)],this.queries=Number(r),this.
keys=Number(i),this.canvas=u("canvas"),this.
canvas.setAttribute("aria-hidden","true"),
this.spot=m(".spot",t),this.words=m("p",
t),this.hint=this.words.textContent??""}show(t,{
query:e,key:n},{rows:o,columns:r}){let i=this.
grid[0]*this.grid[1],a=e>=0&&this.keys>=
0,c=!a&&n>=0&&this.queries>=0,l=Array.from(
{length:a||c?i:0},(p,w)=>{let[y,A]=a?[e,
this.keys+w]:[this.queries+w,n];return Math.
max(0,t.weights[y*t.columns+A])});le(this.
canvas,this.pixels,this.grid,l.length?l:
null);let h=e>=0&&this.queries>=0?e-this.
queries:n-this.keys,d=(e>=0?this.queries:
this.keys)>=0&&h>=0&&h<i;ue(this.spot,this.
grid,d&&(e>=0||n>=0)?h:-1),this.words.textContent=
this.hint,a&&(this.words.textContent=`Wh\
ere ${o[e]} looks`),c&&(this.words.textContent=
`From where ${r[n]} is looked at`)}},de=new WeakMap;var pe={matrix:"Row: the token that look\
s. Column: the token looked at.",arcs:"L\
eft: the token that looks. Right: the to\
ken looked at. Point at one to see its l\
ines alone.",text:"Point at a token: the\
 text is coloured by what it looks at.",
"text, from":"Point at a token: the text\
 is coloured by which tokens look at it."},
ns="Point at a map: all show the same pa\
ir of tokens.",z=class{constructor(t,e,n,o){
this.rows=e,this.columns=n,this.many=o,this.
view="matrix",this.hint=u("span",o?ns:pe.
matrix,"hint"),this.root=u("p","","reado\
ut"),this.root.id=t,this.root.setAttribute(
"role","status"),this.root.append(this.hint)}explain(t,e){
this.view=t,this.many||(this.hint.textContent=
pe[t==="text"&&!e?"text, from":t])}say(t,e,n){
g(t)?this.root.replaceChildren(this.hint):
M(t)?this.#s(t,n):this.#t(t,e,n)}#t(t,e,n){
let{query:o,key:r}=t,i=o>=0?E(this.rows[o],
o):E(this.columns[r],r),a=e?"; kept: cli\
ck it again or press Escape to let go":"";
this.root.replaceChildren(i,...this.many?
[" in every map"]:this.#e(t,n),a)}#e(t,e){
let n=e.strongest(t),o=t.query>=0;if(g(n))
return[o?" looks at nothing that is show\
n":" is looked at by none"];let r=o?E(this.
columns[n.key],n.key):E(this.rows[n.query],
n.query);return[o?" looks most at ":" is\
 looked at most by ",r,", ",u("b",P(e.weightAt(
n)))]}#s(t,e){let{query:n,key:o}=t,[r,i]=[
E(this.rows[n],n),E(this.columns[o],o)];
this.root.replaceChildren(r," → ",i,...this.#n(
t,e))}#n(t,e){if(e.isFuture(t))return[":\
 later, cannot be seen"];let n=e.weightAt(
t);return n<0?[": the sink, taken out"]:
this.many?[]:[": ",u("b",P(n))]}};var D=class{constructor(t,e,n){this.on=n,
this.root=u("p","","tokens"),this.root.translate=
!1,this.root.setAttribute("role","group"),
this.root.setAttribute("aria-label",`${e}\
. Arrow keys move from token to token, E\
nter keeps one.`),this.spans=t.map(os),this.
root.append(...this.spans),this.spans.length&&
(this.spans[0].tabIndex=0),this.#t()}colour(t,e,n,o){
this.spans.forEach((r,i)=>{let a=t?.[i]??
null,c=a===null?null:St(a,o);r.style.background=
c?.background??"",r.style.color=c?.color??
"",r.title=a===null?"":a.toFixed(3),r.classList.
toggle("chosen",i===e),r.classList.toggle(
"unseen",t!==null&&a===null),r.setAttribute(
"aria-pressed",String(n&&i===e))})}#t(){
let{root:t,on:e}=this;t.addEventListener(
"pointerover",n=>this.#e(n,e.over)),t.addEventListener(
"pointerleave",e.out),t.addEventListener(
"click",n=>this.#e(n,e.pin)),t.addEventListener(
"focusin",n=>this.#e(n,o=>this.#s(o))),t.
addEventListener("keydown",n=>this.#e(n,
o=>this.#n(n,o)))}#e(t,e){let n=this.spans.
indexOf(t.target);n>=0&&e(n)}#s(t){for(let e of this.
spans)e.tabIndex=-1;this.spans[t].tabIndex=
0,this.spans[t].matches(":focus-visible")&&
this.on.over(t)}#n(t,e){if(W(t))return;let n=this.
spans.length-1,o={ArrowRight:e+1,ArrowDown:e+
1,ArrowLeft:e-1,ArrowUp:e-1,Home:0,End:n};
if(t.key in o)this.spans[k(o[t.key],this.
spans.length)].focus();else if(t.key==="\
Enter"||t.key===" ")this.on.pin(e);else if(t.
key==="Escape")this.on.pin(-1);else return;
t.preventDefault(),t.stopPropagation()}};
function os(s){let t=u("bdi",s,"token");
return t.setAttribute("role","button"),t.
tabIndex=-1,t}var fe=9,J=class s{#t=S;#e=S;#s=null;#n=null;#r=null;followers=[];static async start(t,e,n,o,r=se){
let i=new s(t,e,n,o,r);await i.#c(),i.many||
i.#h(),i.#r=await Y.of(t);for(let a of i.
maps)i.#g(a);return i.repaint(),t.dataset.
ready="",i}constructor(t,{tokens:e,columns:n,
text:o},r,i,a){this.root=t,this.rows=e,this.
columns=n??e,this.twoTexts=n!==void 0,this.
text=o??e,this.many=t.classList.contains(
"multiples"),this.choices=r,this.onPin=i,
this.weightsOf=a,this.maps=[],this.readout=
new z(`readout-${t.dataset.maps}`,this.rows,
this.columns,this.many),t.prepend(this.readout.
root)}async#c(){let t=H(HTMLImageElement,
"img.pixels",this.root),e=await Promise.
all(t.map(n=>this.weightsOf(n,this.rows.
length,this.columns.length)));this.maps=
t.map((n,o)=>new V(n,e[o],this.readout.root.
id))}#h(){let t=u("div","","map-text"),e=this.
twoTexts?"The text whose tokens look":"T\
he text",n=this.#d(()=>this.readsRows()),
o=new D(this.text,e,n);t.append(o.root);
let r=null;if(this.twoTexts){let i=this.#d(
()=>!1);r=new D(this.columns,"The text t\
hat is looked at",i),t.append(r.root)}this.
root.append(t),this.#s={rows:o,columns:r}}#d(t){
let e=n=>t()?{query:n,key:-1}:{query:-1,
key:n};return{over:n=>this.#o(e(n)),out:()=>this.#l(),
pin:n=>this.#i(e(n))}}readsRows(){return this.
twoTexts||this.choices().direction==="to"}repaint(){
let{view:t,squareRoot:e,sink:n}=this.choices();
this.root.dataset.view=this.many?"matrix":
t,this.readout.explain(this.root.dataset.
view,this.readsRows());for(let o of this.
maps)o.paint(n,e);this.root.dataset.view===
"arcs"&&this.#f(),this.#u(g(this.#t)?this.#e:
this.#t),this.fit(),this.#a()}#f(){if(this.#n)
return;this.#n=new X(this.rows,this.columns,
{over:(e,n)=>this.#o({query:e,key:n}),out:()=>this.#l(),
pin:e=>this.#i({query:e,key:-1})});let t=u(
"div","","scroll arcs-view");t.append(this.#n.
canvas),this.root.querySelector(".maps")?.
after(t)}resize(){this.fit(),this.#p()}fit(){
let{style:t}=this.root;t.removeProperty(
"--cell");let e=this.root.querySelector(
".labelled"),n=Number.parseFloat(getComputedStyle(
this.root).getPropertyValue("--cell"));if(this.
many||!e||n<=fe)return;let o=e.clientWidth-
m(".axis-rows",e).offsetWidth-8,r=this.columns.
length;o>0&&n*r>o&&t.setProperty("--cell",
x(Math.max(fe,Math.floor(o/r))))}pin(t){
this.keep(t),(!this.many||t.query<0)&&this.
onPin(t)}keep(t){this.#e=t,this.#u(g(this.#t)?
t:this.#t),this.#a()}#i(t){this.pin(me(t,
this.#e)?S:t)}#o(t){this.follow(t);for(let e of this.
followers)e.follow(t)}#l(){this.#o(S)}follow(t){
me(t,this.#t)||(this.#t=t,this.#u(g(t)?this.#e:
t),this.#a())}#u(t){this.readout.say(t,!g(
this.#e),this.maps[0]);for(let e of this.
maps)g(t)?e.sayWeight(null):M(t)&&e.sayWeight(
t)}#a(){this.#m(),this.root.dataset.view===
"arcs"&&this.#w(),this.#p()}current(){return g(
this.#e)?this.#t:this.#e}#m(){if(!this.#s)
return;let[t,{squareRoot:e}]=[!g(this.#e),
this.choices()],{rows:n,columns:o}=this.#s;
this.shadedTexts().forEach(({weights:r,chosen:i},a)=>{
(a&&o?o:n).colour(r,i,t,e)})}shadedTexts(){
let{query:t,key:e}=this.current(),{shown:n}=this.
maps[0],o=t>=0&&(this.readsRows()||e<0),
r=o?K(n,t):null,i=!o&&e>=0?ie(n,e):null;
return this.twoTexts?[{tokens:this.text,
weights:i,chosen:t},{tokens:this.columns,
weights:r,chosen:e}]:[{tokens:this.text,
weights:r??i,chosen:r?t:e}]}arcsShown(){
let{query:t,key:e}=this.current();return{
query:t,key:t>=0?-1:e}}#w(){let{query:t,
key:e}=this.arcsShown();this.#n?.draw(this.
maps[0].shown,t,e,this.choices().squareRoot)}#p(){
let t=g(this.#t)?this.#e:this.#t;this.#r?.
show(this.maps[0].shown,t,this);let e=this.
many?{}:{row:this.rows[t.query],column:this.
columns[t.key]};for(let n of this.maps)n.
mark(t,this.#e,e)}#g(t){let{canvas:e}=t;
e.addEventListener("pointermove",n=>this.#o(
t.cellAt(n))),e.addEventListener("pointe\
rdown",n=>this.#o(t.cellAt(n))),e.addEventListener(
"click",n=>{this.many||this.#i(t.cellAt(
n))}),e.addEventListener("pointerleave",
n=>{let o=document.activeElement===e&&e.
matches(":focus-visible");n.pointerType===
"mouse"&&!o&&this.#l()}),e.addEventListener(
"focus",()=>{this.#t.query<0&&e.matches(
":focus-visible")&&this.#o(t.start())}),
e.addEventListener("blur",()=>this.#l()),
e.addEventListener("keydown",n=>this.#x(
n,t))}#x(t,e){let n=this.#k(e)[t.key];!n||
W(t)||(t.preventDefault(),t.stopPropagation(),
n())}#k(t){let e=(n,o)=>()=>this.#b(t,n,
o);return{ArrowUp:e(-1,0),ArrowDown:e(1,
0),ArrowLeft:e(0,-1),ArrowRight:e(0,1),Home:e(
0,-1/0),End:e(0,1/0),Enter:()=>this.#y(t),
" ":()=>this.#y(t),Escape:()=>{this.many||
this.pin(S)}}}#b(t,e,n){let{query:o,key:r}=this.#t;
M(this.#t)?this.#o({query:k(o+e,this.rows.
length),key:k(r+n,this.columns.length)}):
this.#o(t.start())}#y(t){M(this.#t)||this.#o(
t.start()),this.many||this.#i(this.#t)}},
me=(s,t)=>s.query===t.query&&s.key===t.key;var O=["a","b"],Q=class{#t=[];#e=0;constructor(){
this.form=m(".heads-controls"),this.controls=
ee(),this.problem=m("#heads-problem")}async start(){
m("[data-without-script]").hidden=!0,this.
form.addEventListener("submit",t=>t.preventDefault()),
this.form.addEventListener("change",t=>{
this.#d(t)}),m("[data-swap]").addEventListener(
"click",()=>{this.#f()}),this.controls.listen(
()=>this.#l(),()=>{}),Et(()=>this.#u()),
addEventListener("resize",()=>{for(let t of this.#t)
t.resize()}),I.onChange(()=>{this.#n()}),
await this.#n()}#s(t){return mt(this.form,
t)}async#n(){let t=I.read();this.controls.
show(t),t.sink||this.controls.recallSink(),
await this.#r("a",t.a),await this.#r("b",
t.b||await this.#h()),await this.#a(t.text,
{query:t.row,key:t.column})}async#r(t,e){
let[n,o]=e.split("/"),r=this.#s(`model-${t}`);
Array.from(r.options).some(({value:i})=>i===
n)&&(r.value=n),await this.#c(t,o)}async#c(t,e){
let n=this.#s(`head-${t}`),o=this.#s(`mo\
del-${t}`).value,{heads:r,labels:i,layers:a}=await N(
o,`${o}/data`).heads(),c=0,l=a.map(([h,d])=>{
let p=u("optgroup");p.label=h;for(let w=c+
d;c<w;c++){let[y]=i[c];p.append(new Option(
[r[c],y&&q(y[0])].filter(Boolean).join("\
 "),r[c]))}return p});n.replaceChildren(
...l.filter(h=>h.children.length)),r.includes(
e)&&(n.value=e)}async#h(){let[t,e]=["mod\
el-a","head-a"].map(a=>this.#s(a).value),
{heads:n,labels:o}=await N(t,`${t}/data`).
heads(),[r]=o[n.indexOf(e)],i=n.find((a,c)=>a!==
e&&r&&o[c][0]?.[0]===r[0]);return`${t}/${i??
n.find(a=>a!==e)??e}`}async#d({target:t}){
let{name:e}=t,n=O.find(o=>e===`model-${o}`);
n&&await this.#c(n,this.#s(`head-${n}`).
value),await this.#a(this.#s("text").value),
this.#o()}async#f(){let[t,e]=O.map(n=>this.#i(
n));await this.#r("a",e),await this.#r("\
b",t),await this.#a(this.#s("text").value),
this.#o()}#i(t){return`${this.#s(`model-${t}`).
value}/${this.#s(`head-${t}`).value}`}#o(t={}){
let[e,n]=O.map(o=>this.#i(o));I.write({a:e,
b:n,text:this.#s("text").value,...this.controls.
state(),...t})}#l(){this.#u();let{row:t,
column:e}=I.read();this.#o({row:t,column:e})}#u(){
this.controls.explain();for(let t of this.#t)
t.repaint()}async#a(t,e){let n=++this.#e;
delete m("#heads").dataset.ready;let o=O.
map(c=>this.#i(c).split("/")),[r,i]=await Promise.
all(o.map(([c,l])=>Nt(c,l)));if(n!==this.#e)
return;document.title=`${r.name} and ${i.
name} · headatlas`,O.forEach((c,l)=>{is(
m(`[data-side=${c}]`),[r,i][l])});let a=this.#m(
Rt(r,i),t);if(await this.#w([r,i],a),e)for(let c of this.#t)
rs(c,e)&&c.keep(e);this.#g(r,i),m("#head\
s").dataset.ready=""}#m(t,e){let n=this.#s(
"text");n.replaceChildren(...t.map(({anchor:r,
sequence:i,alike:a})=>{let c=a?i.name:`s\
equence ${i.sequence}, each its own toke\
ns`;return new Option(`${i.probe}: ${c}`,
r)})),t.some(({anchor:r})=>r===e)&&(n.value=
e);let o=t.find(({anchor:r})=>r===n.value);
return this.problem.hidden=o?.equal??!1,
this.problem.textContent=o?o.alike?"The \
two models cut this text into other toke\
ns: the maps do not point together.":"Th\
e same sequence of the probe, each model\
 with tokens of its own: compare the for\
m, not the cells.":"There is no text of \
which maps of both heads are kept.",o?.anchor??
""}async#w(t,e){this.#t=[];let n=t.map(({
texts:l})=>l.get(e)),o=O.map(l=>m(`[data\
-side=${l}] figure`)),r=n.map((l,h)=>l?as(
t[h],l.sequence,h):null);o.forEach((l,h)=>{
l.replaceChildren(...[r[h]].filter(d=>d!==
null))});let i=r.map((l,h)=>{let d=n[h];
return l&&d?J.start(l,d.sequence,()=>this.
controls.choices(),p=>this.#p(p),()=>t[h].
map(d.number)):null});this.#t=(await Promise.
all(i)).filter(l=>l!==null);let[a,c]=this.#t;
c&&n[0]&&n[1]&&ht(n[0].sequence,n[1].sequence)&&
([a.followers,c.followers]=[[c],[a]])}#p(t){
for(let e of this.#t)e.followers.length&&
e.keep(t);this.#o({row:t.query,column:t.
key})}#g(t,e){let n=_t(t,e);m("#score-di\
fferences").replaceChildren(...n.rows),m(
"#score-caption").textContent=`The ${n.shown}\
 patterns of ${n.n} in which the two dif\
fer most, each on the probe it is meant \
to be read on, with 95% intervals. Diffe\
rence: the second less the first; what i\
s no share of attention is ordered by it\
s part of the largest in the first model\
.`;let o=Ut(t,e);m("#evidence-difference\
s").replaceChildren(...o.n?o.rows:[]);for(let r of H(
HTMLElement,"[data-of-evidence]"))r.hidden=
!o.n}},rs=(s,{query:t,key:e})=>t<s.rows.
length&&e<s.columns.length;function is(s,{
slug:t,model:e,name:n,labels:o}){let r=m(
"h2 a",s);[r.textContent,r.href]=[n,`${t}\
/heads/${n}.html`],m("[data-model]",s).textContent=
e;let i=o.map(({name:a,strength:c,hue:l})=>{
let h=u("li",`${q(a)} `,`chip ${l}`);return c!==
null&&h.append(u("b",Ht(c))),h});m(".chi\
ps",s).replaceChildren(...i.length?i:[u(
"li","no label","soft")])}function as({name:s,
model:t},{tokens:e,columns:n,axes:o,step:r,
cells:i,on:a},c){let l=u("div","",`map-s\
et cell-${i[0]} step-${r}`);l.dataset.maps=
String(c);let h=u("div","","maps labelle\
d");for(let[w,y]of[["rows",0],["columns",
1]]){let A=u("pre",o[y],`axis-${w}`);A.setAttribute(
"aria-hidden","true"),A.translate=!1,h.append(
A)}let d=u("img","","pixels");[d.width,d.
height]=[(n??e).length*i[0],e.length*i[0]],
d.alt=`Attention of ${s} of ${t} on ${a}`;
let p=u("div","","map");return p.append(
d),h.append(p),l.append(h),l}wt();new Q().start();})();
