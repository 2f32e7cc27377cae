// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function E(...e){return{read:t=>e.find(n=>n===
t)??e[0],write:t=>t===e[0]?"":t}}var d={
read:e=>e??"",write:e=>e},S={read:e=>/^\d+$/.
test(e??"")?Number(e):-1,write:e=>e<0?"":
String(e)},lt={read:e=>({column:(e||"hea\
d").replace(/^-/,""),down:e?.startsWith(
"-")??!1}),write:({column:e,down:t})=>e===
"head"&&!t?"":(t?"-":"")+e},ht={read:e=>e?
e.split(","):null,write:e=>e?e.join()||"\
none":""},ut={read:e=>(e??"").split(",").
filter(Boolean).map(dt),write:e=>e.map(({
column:t,least:n,most:s})=>`${t}:${n??""}\
:${s??""}`).join()};function dt(e){let t=e.
split(":"),[n,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:n?Number(n):
void 0,most:s?Number(s):void 0}}var $=class{constructor(t){
this.fields=t}read(){let{choices:t}=U(),
n=Object.entries(this.fields).map(([s,o])=>[
s,o.read(t.get(s))]);return Object.fromEntries(
n)}format(t,n=""){let s=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let a=o in t?r.write(t[o]):"";a&&s.set(o,
a)}return[n,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,n="",{
step:s=!0}={}){let o=this.format(t,n);if(location.
hash===(o&&`#${o}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:n=!1}={}){
addEventListener("hashchange",()=>{(n||!ft())&&
t()})}};function U(){let e=location.hash.
slice(1),[t,...n]=e.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?n.join("&"):e)}}function ft(){let{anchor:e}=U(),
t=Number(e.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(e)?e:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??e}var W={view:E("matrix","te\
xt","arcs"),direction:E("to","from"),scale:E(
"linear","root"),sink:E("","show","hide"),
row:S,column:S},Ht=new $(W),Ut=new $({a:d,
b:d,text:d,...W}),Wt=new $({pattern:d,probe:d,
value:E("score","sinkfree"),scale:E("ful\
l","fit"),label:d}),_t=new $({text:d,label:d,
probe:d,from:d,to:d,sort:lt,columns:ht,range:ut,
page:S}),qt=new $({x:d,y:d}),C=new $({by:d,
through:d,from:d,to:d,head:d,least:S}),Pt=new $(
{a:d,b:d,pattern:d}),Gt=new $({picture:d,
head:d,step:S,word:S});var b=e=>e.replaceAll("_"," ");function y(e){
return e==null?"–":e.toFixed(Math.abs(
e)<10?3:1)}var T=e=>String(e).replace(/\B(?=(\d{3})+$)/g,
",");var P={query:"queries",key:"keys",value:"\
values"},_=e=>(e/1e3).toFixed(2),O=class{#t=new Map;constructor(t){
this.file=t,this.nodes=t.heads.map(([n,s,
o,r])=>({name:n,layer:s,hue:o,labels:r.map(
a=>t.labels[a])}))}of(t){let n={cause:q,
weights:pt,path:wt}[t]??q;if(!this.#t.has(
t)){let o=({cause:this.file.cause,weights:this.
file.weights,path:this.file.path}[t]??[]).
map(r=>n(r,this.nodes[r[0]],this.nodes[r[1]],
this.file));this.#t.set(t,o)}return this.#t.
get(t)}wanted(t){let n=new Set;return this.
of(t.by).filter(s=>{let o=`${s.from.name}\
 ${s.to.name} ${t.by==="cause"?s.label:""}`;
return!mt(s,t)||n.has(o)?!1:(n.add(o),!0)})}};
function mt({from:e,to:t,through:n,label:s},o){
let r=(l,c)=>c==="none"?!l.labels.length:
l.labels.includes(c),a=o.by==="cause"?s===
o.to:s===o.to||r(t,o.to),i=o.by==="path"?
n===o.through:!o.through||n===o.through;
return(!o.from||r(e,o.from))&&(!o.to||a)&&
(o.by==="cause"||i)&&(!o.head||[e.name,t.
name].includes(o.head))}function q([,,e,
t,n],s,o,{labels:r}){let a=r[e],i=Math.max(
0,t+n),l=n/1e3,c=`${b(a)} ${y(t/1e3)} → ${y(
i/1e3)}`,h=`Without ${s.name}, ${o.name}\
's ${b(a)} score is ${_(i)} in place of ${_(
t)}.`;return{from:s,to:o,through:"",label:a,
value:l,what:c,said:h}}function pt([,,e,
t],n,s,{reads:o}){let r=o[e],[a,i]=[P[r],
t/1e3],l=`${s.name}'s ${a} read ${y(i)} \
more of what ${n.name} writes than rando\
m weights would.`;return{from:n,to:s,through:r,
label:"",value:i,what:a,said:l}}function wt([
,,e,t,n,s,o,r],a,i,{reads:l,labels:c,probes:h,
units:g}){let u=l[e]??"",[f,x,N]=[c[s]??
"",t/1e3,P[u]??"all it reads"],m=n===null||
!f?"":`; ${b(f)} score falls by ${y(n/1e3)}`,
w=`${N}, ${b(h[o])}, ${g[r]}${m}`,v=u?`${i.
name}'s ${N}`:i.name,ct=`${y(x)} of what\
 taking ${a.name} out does on ${b(h[o])}\
 goes straight through ${v}.`;return{from:a,
to:i,through:u,label:f,value:x,what:w,said:ct}}function G(e,{left:t,step:n,row:s,room:o}){
let r=Array.from(new Set(e.flatMap(({from:m,
to:w})=>[m,w]))),i=Array.from(new Set(r.
map(({layer:m})=>m))).sort((m,w)=>m-w).map(
m=>r.filter(w=>w.layer===m).sort(K)),l=Math.
max(1,...i.map(({length:m})=>m)),c={least:t+
n/2,most:Math.max(o,t+l*n)-n/2,step:n},h=new Map;
for(let m of i)m.forEach((w,v)=>{h.set(w,
c.least+(v+.5)/m.length*(c.most-c.least))});
let g=gt(e);for(let m=0;m<8;m++)for(let w of m%
2?[...i].reverse():i)bt(w,h,g,c);let u=[
...h.values()],f=(c.least+c.most-Math.min(
...u)-Math.max(...u))/2,x=m=>(h.get(m)??
0)+f,N=new Map(i.flatMap((m,w)=>m.map(v=>[
v,{x:x(v),y:(w+.5)*s}])));return{rows:i,
at:N,width:c.most+n/2,height:i.length*s}}
var K=(e,t)=>e.name.localeCompare(t.name,
"en",{numeric:!0});function gt(e){let t=new Map,
n=(s,o,r)=>t.set(s,[...t.get(s)??[],[o,r]]);
for(let{from:s,to:o,value:r}of e)n(s,o,Math.
abs(r)),n(o,s,Math.abs(r));return t}function bt(e,t,n,{
least:s,most:o,step:r}){let a=new Map(e.
map(c=>[c,xt(n.get(c)??[],t)]));e.sort((c,h)=>Number(
a.get(c))-Number(a.get(h))||K(c,h));let i=s;
for(let c of e)t.set(c,Math.max(i,Number(
a.get(c)))),i=Number(t.get(c))+r;let l=o;
for(let c of[...e].reverse())t.set(c,Math.
min(l,Number(t.get(c)))),l=Number(t.get(
c))-r}function xt(e,t){let n=e.reduce((s,[
,o])=>s+o,0);return e.reduce((s,[o,r])=>s+
r*(t.get(o)??0),0)/(n||1)}function p(e,t="",n=""){let s=document.createElement(
e);return s.textContent=t,n&&(s.className=
n),s}function M(e,t={},n=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",e);for(let[o,r]of Object.entries(t))
s.setAttribute(o,String(r));return n&&(s.
textContent=n),s}function X(e,t){let n=p("a",e);return n.
href=t,n}function A(e,t=document){return t.querySelector(
e)}function z(e,t,n=document){return Array.
from(n.querySelectorAll(t)).filter(s=>s instanceof
e)}function k(e,t){return e.elements.namedItem(
t)}var J=e=>e.altKey||e.ctrlKey||e.metaKey;function V(){for(let e of document.querySelectorAll(
"[data-needs-script]"))e.removeAttribute(
"hidden")}var Q=600,Y={left:40,step:60,row:50,half:25},
$t={left:34,step:38,row:46,half:16},L=10,
yt=16,At=90,j=class{#t=new Map;#e=[];#n=null;constructor(t,n){
this.svg=t,this.on=n,t.addEventListener(
"pointerover",s=>this.#s(s.target)),t.addEventListener(
"pointerleave",()=>this.#s(document.activeElement)),
t.addEventListener("focusin",s=>this.#s(
s.target)),t.addEventListener("focusout",
()=>this.#s(null)),t.addEventListener("k\
eydown",s=>this.#a(s))}draw(t,n){let s=this.
svg.parentElement?.clientWidth||Q,o=s<Q?
$t:Y,r=G(t,{...o,room:s}),{width:a,height:i,
rows:l,at:c}=r;this.#n=r;for(let[u,f]of Object.
entries({width:a,height:i,viewBox:`0 0 ${a}\
 ${i}`}))this.svg.setAttribute(u,String(
f));let h=Math.max(...t.map(({value:u})=>Math.
abs(u)),1e-9),g=u=>vt(l,u);this.#e=[...t].
reverse().map(u=>St(u,Et(c,u,g(u),a),h)),
this.#t=new Map(l.flat().map(u=>[u,Nt(u,
c.get(u),o.half,t)])),this.svg.replaceChildren(
...l.flatMap((u,f)=>kt(n[u[0].layer],(f+
.5)*o.row,a)),...this.#e.flatMap(({path:u,
hit:f})=>[u,f]),...this.#t.values()),this.#t.
get(Mt(t))?.setAttribute("tabindex","0")}#s(t){
let n=t instanceof Element&&this.svg.contains(
t)?t:null,s=n?.closest("a"),o=this.#r(s),
r=this.#e.find(({hit:a})=>a===n);this.#o(
o?({from:a,to:i})=>a===o||i===o:r?a=>a===
r.edge:null),r?this.on.edge(r.edge):this.
on.head(o??null)}#o(t){this.svg.classList.
toggle("lighting",t!==null);let n=new Set;
for(let{edge:s,path:o}of this.#e){let r=t?.(
s)??!1;o.classList.toggle("lit",r),r&&n.
add(s.from).add(s.to)}for(let[s,o]of this.#t)
o.classList.toggle("lit",n.has(s))}#a(t){
let n=t.target instanceof Element?t.target.
closest("a"):null,s=this.#r(n),o=s&&!J(t)?
this.#c(s,t.key):void 0;s&&o&&(t.preventDefault(),
this.#t.get(s)?.setAttribute("tabindex",
"-1"),this.#t.get(o)?.setAttribute("tabi\
ndex","0"),this.#t.get(o).focus())}#r(t){
return Array.from(this.#t).find(([,n])=>n===
t)?.[0]}#c(t,n){let{rows:s,at:o}=this.#n,
r=s.findIndex(h=>h.includes(t)),a=s[r].indexOf(
t),i=o.get(t)?.x??0,l=h=>[...h??[]].sort(
(g,u)=>Math.abs((o.get(g)?.x??0)-i)-Math.
abs((o.get(u)?.x??0)-i))[0];return{ArrowLeft:s[r][a-
1],ArrowRight:s[r][a+1],ArrowUp:l(s[r-1]),
ArrowDown:l(s[r+1]),Home:s[0][0],End:s.at(
-1)?.at(-1)}[n]}};function Mt(e){let t=new Map;
for(let{from:n,to:s,value:o}of e)for(let r of[
n,s])t.set(r,(t.get(r)??0)+Math.abs(o));
return[...t].sort((n,s)=>s[1]-n[1])[0]?.[0]}
var vt=(e,{from:t,to:n})=>e.filter(([{layer:s}])=>s>
t.layer&&s<n.layer).length;function Et(e,{
from:t,to:n},s,o){let[r,a]=[e.get(t),e.get(
n)];if(!(r&&a))return"";let[i,l]=[r.y+L,
a.y-L],c=s?Math.sign(r.x+a.x-o||1)*Math.
min(yt*(s+1),At):0,h=(l-i)/2,[g,u]=[r.x,
a.x].map(x=>Math.min(Math.max(x+c,0),o)),
f=[r.x,i,g,i+h,u,l-h,a.x,l].map(x=>x.toFixed(
1));return`M${f[0]} ${f[1]}C${f.slice(2).
join(" ")}`}function St(e,t,n){let s=Math.
abs(e.value)/n,o=M("path",{class:["edge",
e.from.hue,e.value<0||e.label===""?"":"m\
ore"].filter(Boolean).join(" "),d:t,"str\
oke-width":(1+5*s).toFixed(1),"data-edge":`${e.
from.name} ${e.to.name}`});return{edge:e,
path:o,hit:M("path",{class:"hit",d:t})}}
function kt(e,t,n){return[M("path",{class:"\
row",d:`M0 ${t}H${n}`}),M("text",{class:"\
row-name",x:0,y:t-4},e)]}function Nt(e,t,n,s){
let{x:o,y:r}=t??{x:0,y:0},a=(f,x)=>`${f}\
 edge${f===1?"":"s"} ${x} it`,[i,l]=[s.filter(
({from:f})=>f===e),s.filter(({to:f})=>f===
e)],c=e.labels.map(b).join(", ")||"no la\
bel",h=M("a",{href:`heads/${e.name}.html`,
class:e.hue,"data-head":e.name,tabindex:-1,
"aria-label":`${e.name}: ${c}; ${a(i.length,
"from")}, ${a(l.length,"to")}`}),g=n<Y.half?
e.name.replace(/^.*(?=H)/,""):e.name,u={
x:o-n,y:r-L,width:2*n,height:2*L,rx:3};return h.
append(M("rect",u),M("text",{x:o,y:r},g)),
h}async function Ct(e){let t=new Uint16Array(
e.length),n=0;for(let r=1;r<e.length;r++){
let a=e.charCodeAt(r);t[n++]=a===57344?e.
charCodeAt(++r)^32768:a}let s=new Uint8Array(
t.buffer,0,2*n-Number(e[0])),o=new Blob(
[s]).stream().pipeThrough(new DecompressionStream(
"deflate"));return new Uint8Array(await new Response(
o).arrayBuffer())}async function Z(e){let t=await Ct(
e),n=4+new DataView(t.buffer).getUint32(
0,!0),[s,o,r]=JSON.parse(new TextDecoder().
decode(t.subarray(4,n))),a=o*r,i=new Float64Array(
a);for(let c=t.length;c>n;c-=a||c)for(let h=0;h<
a;h++)i[h]=256*i[h]+t[c-a+h];let l=Array.
from({length:r},(c,h)=>Array.from(i.subarray(
h*o,(h+1)*o),Ot));return{facts:s,columns:l}}
var Ot=e=>e===0?null:e%2?(e-1)/2:-e/2;function tt(e,t){return{heads:()=>F(`${e}\
 heads`,`${t}/heads.js`,jt),numbers:n=>F(
`${e} ${n}`,`${t}/${n.split("#")[0]}.js`,
Rt),circuits:()=>Lt(`${e} circuits`,`${t}\
/circuits.js`)}}var D=new Map;function F(e,t,n){
let s=async()=>{let{facts:r,columns:a}=await Z(
await Dt(e,t));return n(r,a)},o=D.get(e)??
s();return D.set(e,o),o.catch(()=>D.delete(
e)),o}var Lt=(e,t)=>F(e,t,n=>n);function jt(e,t){
return Object.values(e.patterns).forEach(
(n,s)=>{n.score=t[s]}),e}function Rt(e,t){
let n=e.against?1:2;return Object.values(
e.probes).forEach((s,o)=>{let[r,a]=t.slice(
o*n,(o+1)*n);s.score=r,s.sinkfree=a?.map(
(i,l)=>i===null?null:i+(r[l]??0))??[]}),
e}var B=new Map,Tt=e=>new Promise((t,n)=>{
let s=document.createElement("script");s.
src=e,s.onload=()=>t(),s.onerror=()=>n(new Error(
`${e} could not be loaded`)),document.head.
append(s)});async function Dt(e,t){if(!(window.
headatlas?.data&&e in window.headatlas.data)){
let n=B.get(t)??Tt(t);B.set(t,n),await n.
finally(()=>B.delete(t))}return window.headatlas.
data[e]}var Bt=/^[-–+\d.]+$/;function et(e){let t=p(
"tr");return t.append(...e.map((n,s)=>{let o=st(
n,"col");return typeof n=="string"&&s>0&&
(o.className="n"),o})),t}function nt([e,
...t]){let n=p("tr");return n.append(st(
e,"row"),...t.map(Ft)),n}function st(e,t){
let n=p("th");return n.scope=t,n.append(
e),n}function Ft(e){let t=p("td");return typeof e==
"string"&&Bt.test(e)&&(t.className="n"),
t.append(e),t}var ot=["by","through","from","to","head"],
rt=40,I=150,H=3,It={cause:"Thickness: th\
e change of the later head's score witho\
ut the earlier one; dashed: the score ri\
ses. Colour: the family of the earlier h\
ead's first label, grey without one.",path:"\
Thickness: what of taking the earlier he\
ad out goes straight through the later o\
ne. Colour: the earlier head.",weights:"\
Thickness: how much more of what the ear\
lier head writes is read than by random \
weights. Colour: the earlier head."},at={
cause:["Score with and without the earli\
er head","Change"],path:["Through","Effe\
ct"],weights:["What reads it","Compositi\
on"]},R=class{#t=[];#e=null;#n=-1;#s=0;constructor(){
this.form=A(".circuit-controls"),this.readout=
A("#circuit-readout"),this.hint="";let t=document.
querySelector(".circuit svg");this.svg=t,
this.graph=new j(t,{head:n=>this.#h(n),edge:n=>this.
readout.replaceChildren(n.said)})}async start(){
this.#e=new O(await tt(String(this.form.
dataset.slug),"data").circuits());for(let n of z(
HTMLElement,"[data-strongest]"))n.hidden=
!0;let t=this.#e.nodes.map(({name:n})=>n);
this.#o("head").append(...t.map(n=>new Option(
n))),this.form.addEventListener("submit",
n=>n.preventDefault()),this.form.addEventListener(
"change",n=>this.#c(n)),k(this.form,"lea\
st").addEventListener("input",()=>this.#l()),
C.onChange(()=>this.#r()),new ResizeObserver(
()=>this.#u()).observe(A(".circuit")),this.#r()}#o(t){
return k(this.form,t)}#a(){let[t,n,s,o,r]=ot.
map(a=>this.#o(a).value);return{by:t,through:t===
"cause"?"":n,from:s,to:o,head:r}}#r(){let t=C.
read();for(let n of ot){let s=this.#o(n),
o=Array.from(s.options).some(({value:r})=>r===
t[n]);s.value=o?t[n]:s.options[0].value}
this.#n=t.least,this.#i()}#c(t){let{name:n}=t.
target;n==="by"&&(this.#n=-1),n==="least"&&
this.#l();let s=this.#a(),[o]=this.#o("b\
y").options;C.write({...s,by:s.by===o.value?
"":s.by,least:this.#n}),this.#i()}#l(){this.#n=
Number(k(this.form,"least").value),this.#i()}#u(){
let{clientWidth:t}=A(".circuit");this.#s&&
t!==this.#s&&this.#i(),this.#s=t}#i(){let t=this.#e,
n=this.#a();A("[data-through]").hidden=n.
by==="cause";let s=t.wanted(n),o=this.#d(
s,t.of(n.by)),r=s.filter(({value:a})=>Math.
abs(a)>=o/1e3-1e-9);this.#t=r.slice(0,I),
this.graph.draw(this.#t,t.file.layers),this.
hint=this.#f(s.length,r.length,n),this.#h(
null),A("[data-caption]").textContent=`${It[n.
by]} Layers from top to bottom; only tho\
se with edges have a line. Point at a he\
ad, or go there with the arrow keys, to \
see its edges; a click leads to its page\
.`,this.#m(n.by),this.svg.dataset.shown=
String(this.#t.length)}#d(t,n){let s=k(this.
form,"least"),o=i=>Math.floor(Math.abs(1e3*
(i?.value??0))+1e-6);s.max=String(o(n[0]));
let r=this.#n<0?t.length>rt?o(t[rt-1]):0:
this.#n;s.value=String(r);let a=y(r/1e3);
return s.setAttribute("aria-valuetext",a),
A("[name=shown]",this.form).textContent=
a,r}#f(t,n,{by:s,head:o}){let r=c=>`${T(
c)} edge${c===1?"":"s"}`;if(!t)return o?
`No edge of ${o} of this sort is among t\
hose kept here.`:"No edge of this sort i\
s kept here.";if(!n)return`None of ${r(t)}\
 is that strong.`;let a=this.#e,i=a.file.
all[s]>a.of(s).length?`; of ${r(a.file.all[s])}\
 the strongest of each kind are kept`:"",
l=n>I?` (the ${I} strongest are drawn)`:
"";return`${r(n)} of ${T(t)}${l}${i}. ${this.#t[0].
said}`}#h(t){if(!t){this.readout.replaceChildren(
p("span",this.hint,"hint"));return}let n=this.#t.
filter(({from:a,to:i})=>a===t||i===t),s=t.
labels.map(b).join(", ")||"no label",o=n.
length>H?` And ${n.length-H} more.`:"",r=n.
slice(0,H).map(a=>a.said);this.readout.replaceChildren(
p("b",t.name),` ${s}. ${r.join(" ")}${o}`)}#m(t){
let n=this.#t.map(({from:r,to:a,what:i,value:l})=>nt(
[it(r),it(a),p("span",i),y(l)])),s=p("th\
ead");s.append(et(["From",p("span","To"),
p("span",at[t][0]),at[t][1]]));let o=p("\
tbody");o.append(...n),A("[data-drawn]").
replaceChildren(s,o)}};function it({name:e,
labels:t}){let n=p("span");return n.append(
X(e,`heads/${e}.html`)),t.length&&n.append(
" ",p("span",t.slice(0,2).map(b).join(",\
 "),"soft")),n}V();new R().start();})();
