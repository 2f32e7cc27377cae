// Made by `make scripts` from templates/js; changes belong there.
"use strict";(()=>{function k(...n){return{read:t=>n.find(e=>e===
t)??n[0],write:t=>t===n[0]?"":t}}var u={
read:n=>n??"",write:n=>n},E={read:n=>/^\d+$/.
test(n??"")?Number(n):-1,write:n=>n<0?"":
String(n)},it={read:n=>({column:(n||"hea\
d").replace(/^-/,""),down:n?.startsWith(
"-")??!1}),write:({column:n,down:t})=>n===
"head"&&!t?"":(t?"-":"")+n},ct={read:n=>n?
n.split(","):null,write:n=>n?n.join()||"\
none":""},ht={read:n=>(n??"").split(",").
filter(Boolean).map(lt),write:n=>n.map(({
column:t,least:e,most:s})=>`${t}:${e??""}\
:${s??""}`).join()};function lt(n){let t=n.
split(":"),[e,s]=t.slice(-2);return{column:t.
slice(0,-2).join(":"),least:e?Number(e):
void 0,most:s?Number(s):void 0}}var $=class{constructor(t){
this.fields=t}read(){let{choices:t}=I(),
e=Object.entries(this.fields).map(([s,o])=>[
s,o.read(t.get(s))]);return Object.fromEntries(
e)}format(t,e=""){let s=new URLSearchParams;
for(let[o,r]of Object.entries(this.fields)){
let a=o in t?r.write(t[o]):"";a&&s.set(o,
a)}return[e,String(s).replaceAll("%2F","\
/")].filter(Boolean).join("&")}write(t,e="",{
step:s=!0}={}){let o=this.format(t,e);if(location.
hash===(o&&`#${o}`))return;let r=s?history.
pushState:history.replaceState;try{r.call(
history,null,"",o?`#${o}`:location.pathname+
location.search)}catch{}}onChange(t,{anchors:e=!1}={}){
addEventListener("hashchange",()=>{(e||!dt())&&
t()})}};function I(){let n=location.hash.
slice(1),[t,...e]=n.split("&"),s=t.includes(
"=")?"":t;return{anchor:s,choices:new URLSearchParams(
s?e.join("&"):n)}}function dt(){let{anchor:n}=I(),
t=Number(n.match(/^example-(\d+)$/)?.[1]);
return!t||document.getElementById(n)?n:document.
querySelector(`.example[data-example="${t-
1}"]`)?.id??n}var H={view:k("matrix","te\
xt","arcs"),direction:k("to","from"),scale:k(
"linear","root"),sink:k("","show","hide"),
row:E,column:E},Lt=new $(H),Rt=new $({a:u,
b:u,text:u,...H}),jt=new $({pattern:u,probe:u,
value:k("score","sinkfree"),scale:k("ful\
l","fit"),label:u}),Dt=new $({text:u,label:u,
probe:u,from:u,to:u,sort:it,columns:ct,range:ht,
page:E}),Tt=new $({x:u,y:u}),C=new $({by:u,
through:u,from:u,to:u,head:u,least:E}),Ft=new $(
{a:u,b:u,pattern:u}),Wt=new $({picture:u,
head:u,step:E,word:E});var b=n=>n.replaceAll("_"," ");function y(n){
return n==null?"–":n.toFixed(Math.abs(
n)<10?3:1)}var D=n=>String(n).replace(/\B(?=(\d{3})+$)/g,
",");var q={query:"queries",key:"keys",value:"\
values"},U=n=>(n/1e3).toFixed(2),O=class{#t=new Map;constructor(t){
this.file=t,this.nodes=t.heads.map(([e,s,
o,r])=>({name:e,layer:s,hue:o,labels:r.map(
a=>t.labels[a])}))}of(t){let e={cause:_,
weights:ft,path:mt}[t]??_;if(!this.#t.has(
t)){let o=({cause:this.file.cause,weights:this.
file.weights,path:this.file.path}[t]??[]).
map(r=>e(r,this.nodes[r[0]],this.nodes[r[1]],
this.file));this.#t.set(t,o)}return this.#t.
get(t)}wanted(t){let e=new Set;return this.
of(t.by).filter(s=>{let o=`${s.from.name}\
 ${s.to.name} ${t.by==="cause"?s.label:""}`;
return!ut(s,t)||e.has(o)?!1:(e.add(o),!0)})}};
function ut({from:n,to:t,through:e,label:s},o){
let r=(h,c)=>c==="none"?!h.labels.length:
h.labels.includes(c),a=o.by==="cause"?s===
o.to:s===o.to||r(t,o.to),i=o.by==="path"?
e===o.through:!o.through||e===o.through;
return(!o.from||r(n,o.from))&&(!o.to||a)&&
(o.by==="cause"||i)&&(!o.head||[n.name,t.
name].includes(o.head))}function _([,,n,
t,e],s,o,{labels:r}){let a=r[n],i=Math.max(
0,t+e),h=e/1e3,c=`${b(a)} ${y(t/1e3)} → ${y(
i/1e3)}`,d=`Without ${s.name}, ${o.name}\
's ${b(a)} score is ${U(i)} in place of ${U(
t)}.`;return{from:s,to:o,through:"",label:a,
value:h,what:c,said:d}}function ft([,,n,
t],e,s,{reads:o}){let r=o[n],[a,i]=[q[r],
t/1e3],h=`${s.name}'s ${a} read ${y(i)} \
more of what ${e.name} writes than rando\
m weights would.`;return{from:e,to:s,through:r,
label:"",value:i,what:a,said:h}}function mt([
,,n,t,e,s,o,r],a,i,{reads:h,labels:c,probes:d,
units:w}){let l=h[n]??"",[f,x,N]=[c[s]??
"",t/1e3,q[l]??"all it reads"],m=e===null||
!f?"":`; ${b(f)} score falls by ${y(e/1e3)}`,
g=`${N}, ${b(d[o])}, ${w[r]}${m}`,v=l?`${i.
name}'s ${N}`:i.name,at=`${y(x)} of what\
 taking ${a.name} out does on ${b(d[o])}\
 goes straight through ${v}.`;return{from:a,
to:i,through:l,label:f,value:x,what:g,said:at}}function P(n,{left:t,step:e,row:s,room:o}){
let r=Array.from(new Set(n.flatMap(({from:m,
to:g})=>[m,g]))),i=Array.from(new Set(r.
map(({layer:m})=>m))).sort((m,g)=>m-g).map(
m=>r.filter(g=>g.layer===m).sort(K)),h=Math.
max(1,...i.map(({length:m})=>m)),c={least:t+
e/2,most:Math.max(o,t+h*e)-e/2,step:e},d=new Map;
for(let m of i)m.forEach((g,v)=>{d.set(g,
c.least+(v+.5)/m.length*(c.most-c.least))});
let w=pt(n);for(let m=0;m<8;m++)for(let g of m%
2?[...i].reverse():i)gt(g,d,w,c);let l=[
...d.values()],f=(c.least+c.most-Math.min(
...l)-Math.max(...l))/2,x=m=>(d.get(m)??
0)+f,N=new Map(i.flatMap((m,g)=>m.map(v=>[
v,{x:x(v),y:(g+.5)*s}])));return{rows:i,
at:N,width:c.most+e/2,height:i.length*s}}
var K=(n,t)=>n.name.localeCompare(t.name,
"en",{numeric:!0});function pt(n){let t=new Map,
e=(s,o,r)=>t.set(s,[...t.get(s)??[],[o,r]]);
for(let{from:s,to:o,value:r}of n)e(s,o,Math.
abs(r)),e(o,s,Math.abs(r));return t}function gt(n,t,e,{
least:s,most:o,step:r}){let a=new Map(n.
map(c=>[c,wt(e.get(c)??[],t)]));n.sort((c,d)=>Number(
a.get(c))-Number(a.get(d))||K(c,d));let i=s;
for(let c of n)t.set(c,Math.max(i,Number(
a.get(c)))),i=Number(t.get(c))+r;let h=o;
for(let c of[...n].reverse())t.set(c,Math.
min(h,Number(t.get(c)))),h=Number(t.get(
c))-r}function wt(n,t){let e=n.reduce((s,[
,o])=>s+o,0);return n.reduce((s,[o,r])=>s+
r*(t.get(o)??0),0)/(e||1)}function p(n,t="",e=""){let s=document.createElement(
n);return s.textContent=t,e&&(s.className=
e),s}function A(n,t={},e=""){let s=document.
createElementNS("http://www.w3.org/2000/\
svg",n);for(let[o,r]of Object.entries(t))
s.setAttribute(o,String(r));return e&&(s.
textContent=e),s}function X(n,t){let e=p("a",n);return e.
href=t,e}function M(n,t=document){return t.querySelector(
n)}function z(n,t,e=document){return Array.
from(e.querySelectorAll(t)).filter(s=>s instanceof
n)}function S(n,t){return n.elements.namedItem(
t)}var G=n=>n.altKey||n.ctrlKey||n.metaKey;function J(){for(let n of document.querySelectorAll(
"[data-needs-script]"))n.removeAttribute(
"hidden")}var Q=600,V={left:40,step:60,row:50,half:25},
bt={left:34,step:38,row:46,half:16},L=10,
xt=16,$t=90,R=class{#t=new Map;#e=[];#n=null;constructor(t,e){
this.svg=t,this.on=e,t.addEventListener(
"pointerover",s=>this.#s(s.target)),t.addEventListener(
"pointerleave",()=>this.#s(document.activeElement)),
t.addEventListener("focusin",s=>this.#s(
s.target)),t.addEventListener("focusout",
()=>this.#s(null)),t.addEventListener("k\
eydown",s=>this.#a(s))}draw(t,e){let s=this.
svg.parentElement?.clientWidth||Q,o=s<Q?
bt:V,r=P(t,{...o,room:s}),{width:a,height:i,
rows:h,at:c}=r;this.#n=r;for(let[l,f]of Object.
entries({width:a,height:i,viewBox:`0 0 ${a}\
 ${i}`}))this.svg.setAttribute(l,String(
f));let d=Math.max(...t.map(({value:l})=>Math.
abs(l)),1e-9),w=l=>Mt(h,l);this.#e=[...t].
reverse().map(l=>vt(l,At(c,l,w(l),a),d)),
this.#t=new Map(h.flat().map(l=>[l,Et(l,
c.get(l),o.half,t)])),this.svg.replaceChildren(
...h.flatMap((l,f)=>kt(e[l[0].layer],(f+
.5)*o.row,a)),...this.#e.flatMap(({path:l,
hit:f})=>[l,f]),...this.#t.values()),this.#t.
get(yt(t))?.setAttribute("tabindex","0")}#s(t){
let e=t instanceof Element&&this.svg.contains(
t)?t:null,s=e?.closest("a"),o=this.#r(s),
r=this.#e.find(({hit:a})=>a===e);this.#o(
o?({from:a,to:i})=>a===o||i===o:r?a=>a===
r.edge:null),r?this.on.edge(r.edge):this.
on.head(o??null)}#o(t){this.svg.classList.
toggle("lighting",t!==null);let e=new Set;
for(let{edge:s,path:o}of this.#e){let r=t?.(
s)??!1;o.classList.toggle("lit",r),r&&e.
add(s.from).add(s.to)}for(let[s,o]of this.#t)
o.classList.toggle("lit",e.has(s))}#a(t){
let e=t.target instanceof Element?t.target.
closest("a"):null,s=this.#r(e),o=s&&!G(t)?
this.#c(s,t.key):void 0;s&&o&&(t.preventDefault(),
this.#t.get(s)?.setAttribute("tabindex",
"-1"),this.#t.get(o)?.setAttribute("tabi\
ndex","0"),this.#t.get(o).focus())}#r(t){
return Array.from(this.#t).find(([,e])=>e===
t)?.[0]}#c(t,e){let{rows:s,at:o}=this.#n,
r=s.findIndex(d=>d.includes(t)),a=s[r].indexOf(
t),i=o.get(t)?.x??0,h=d=>[...d??[]].sort(
(w,l)=>Math.abs((o.get(w)?.x??0)-i)-Math.
abs((o.get(l)?.x??0)-i))[0];return{ArrowLeft:s[r][a-
1],ArrowRight:s[r][a+1],ArrowUp:h(s[r-1]),
ArrowDown:h(s[r+1]),Home:s[0][0],End:s.at(
-1)?.at(-1)}[e]}};function yt(n){let t=new Map;
for(let{from:e,to:s,value:o}of n)for(let r of[
e,s])t.set(r,(t.get(r)??0)+Math.abs(o));
return[...t].sort((e,s)=>s[1]-e[1])[0]?.[0]}
var Mt=(n,{from:t,to:e})=>n.filter(([{layer:s}])=>s>
t.layer&&s<e.layer).length;function At(n,{
from:t,to:e},s,o){let[r,a]=[n.get(t),n.get(
e)];if(!(r&&a))return"";let[i,h]=[r.y+L,
a.y-L],c=s?Math.sign(r.x+a.x-o||1)*Math.
min(xt*(s+1),$t):0,d=(h-i)/2,[w,l]=[r.x,
a.x].map(x=>Math.min(Math.max(x+c,0),o)),
f=[r.x,i,w,i+d,l,h-d,a.x,h].map(x=>x.toFixed(
1));return`M${f[0]} ${f[1]}C${f.slice(2).
join(" ")}`}function vt(n,t,e){let s=Math.
abs(n.value)/e,o=A("path",{class:["edge",
n.from.hue,n.value<0||n.label===""?"":"m\
ore"].filter(Boolean).join(" "),d:t,"str\
oke-width":(1+5*s).toFixed(1),"data-edge":`${n.
from.name} ${n.to.name}`});return{edge:n,
path:o,hit:A("path",{class:"hit",d:t})}}
function kt(n,t,e){return[A("path",{class:"\
row",d:`M0 ${t}H${e}`}),A("text",{class:"\
row-name",x:0,y:t-4},n)]}function Et(n,t,e,s){
let{x:o,y:r}=t??{x:0,y:0},a=(f,x)=>`${f}\
 edge${f===1?"":"s"} ${x} it`,[i,h]=[s.filter(
({from:f})=>f===n),s.filter(({to:f})=>f===
n)],c=n.labels.map(b).join(", ")||"no la\
bel",d=A("a",{href:`heads/${n.name}.html`,
class:n.hue,"data-head":n.name,tabindex:-1,
"aria-label":`${n.name}: ${c}; ${a(i.length,
"from")}, ${a(h.length,"to")}`}),w=e<V.half?
n.name.replace(/^.*(?=H)/,""):n.name,l={
x:o-e,y:r-L,width:2*e,height:2*L,rx:3};return d.
append(A("rect",l),A("text",{x:o,y:r},w)),
d}function Y(n,t){return{heads:()=>F(`${n}\
 heads`,`${t}/heads.js`),numbers:e=>F(`${n}\
 ${e}`,`${t}/${e.split("#")[0]}.js`),circuits:()=>F(
`${n} circuits`,`${t}/circuits.js`)}}var T=new Map,
St=n=>new Promise((t,e)=>{let s=document.
createElement("script");s.src=n,s.onload=
()=>t(),s.onerror=()=>e(new Error(`${n} \
could not be loaded`)),document.head.append(
s)});async function F(n,t){if(!(window.headatlas?.
data&&n in window.headatlas.data)){let e=T.
get(t)??St(t);T.set(t,e),await e.finally(
()=>T.delete(t))}return window.headatlas.
data[n]}var Nt=/^[-–+\d.]+$/;function Z(n){let t=p(
"tr");return t.append(...n.map((e,s)=>{let o=et(
e,"col");return typeof e=="string"&&s>0&&
(o.className="n"),o})),t}function tt([n,
...t]){let e=p("tr");return e.append(et(
n,"row"),...t.map(Ct)),e}function et(n,t){
let e=p("th");return e.scope=t,e.append(
n),e}function Ct(n){let t=p("td");return typeof n==
"string"&&Nt.test(n)&&(t.className="n"),
t.append(n),t}var nt=["by","through","from","to","head"],
st=40,W=150,B=3,Ot={cause:"Thickness: th\
e change of the later head's score witho\
ut the earlier one; dashed: the score ri\
ses. Colour: the family of the earlier h\
ead's first label, grey without one.",path:"\
Thickness: what of taking the earlier he\
ad out goes straight through the later o\
ne. Colour: the earlier head.",weights:"\
Thickness: how much more of what the ear\
lier head writes is read than by random \
weights. Colour: the earlier head."},ot={
cause:["Score with and without the earli\
er head","Change"],path:["Through","Effe\
ct"],weights:["What reads it","Compositi\
on"]},j=class{#t=[];#e=null;#n=-1;#s=0;constructor(){
this.form=M(".circuit-controls"),this.readout=
M("#circuit-readout"),this.hint="";let t=document.
querySelector(".circuit svg");this.svg=t,
this.graph=new R(t,{head:e=>this.#l(e),edge:e=>this.
readout.replaceChildren(e.said)})}async start(){
this.#e=new O(await Y(String(this.form.dataset.
slug),"data").circuits());for(let e of z(
HTMLElement,"[data-strongest]"))e.hidden=
!0;let t=this.#e.nodes.map(({name:e})=>e);
this.#o("head").append(...t.map(e=>new Option(
e))),this.form.addEventListener("submit",
e=>e.preventDefault()),this.form.addEventListener(
"change",e=>this.#c(e)),S(this.form,"lea\
st").addEventListener("input",()=>this.#h()),
C.onChange(()=>this.#r()),new ResizeObserver(
()=>this.#d()).observe(M(".circuit")),this.#r()}#o(t){
return S(this.form,t)}#a(){let[t,e,s,o,r]=nt.
map(a=>this.#o(a).value);return{by:t,through:t===
"cause"?"":e,from:s,to:o,head:r}}#r(){let t=C.
read();for(let e of nt){let s=this.#o(e),
o=Array.from(s.options).some(({value:r})=>r===
t[e]);s.value=o?t[e]:s.options[0].value}
this.#n=t.least,this.#i()}#c(t){let{name:e}=t.
target;e==="by"&&(this.#n=-1),e==="least"&&
this.#h();let s=this.#a(),[o]=this.#o("b\
y").options;C.write({...s,by:s.by===o.value?
"":s.by,least:this.#n}),this.#i()}#h(){this.#n=
Number(S(this.form,"least").value),this.#i()}#d(){
let{clientWidth:t}=M(".circuit");this.#s&&
t!==this.#s&&this.#i(),this.#s=t}#i(){let t=this.#e,
e=this.#a();M("[data-through]").hidden=e.
by==="cause";let s=t.wanted(e),o=this.#u(
s,t.of(e.by)),r=s.filter(({value:a})=>Math.
abs(a)>=o/1e3-1e-9);this.#t=r.slice(0,W),
this.graph.draw(this.#t,t.file.layers),this.
hint=this.#f(s.length,r.length,e),this.#l(
null),M("[data-caption]").textContent=`${Ot[e.
by]} Layers from top to bottom; only tho\
se with edges have a line. Point at a he\
ad, or go there with the arrow keys, to \
see its edges; a click leads to its page\
.`,this.#m(e.by),this.svg.dataset.shown=
String(this.#t.length)}#u(t,e){let s=S(this.
form,"least"),o=i=>Math.floor(Math.abs(1e3*
(i?.value??0))+1e-6);s.max=String(o(e[0]));
let r=this.#n<0?t.length>st?o(t[st-1]):0:
this.#n;s.value=String(r);let a=y(r/1e3);
return s.setAttribute("aria-valuetext",a),
M("[name=shown]",this.form).textContent=
a,r}#f(t,e,{by:s,head:o}){let r=c=>`${D(
c)} edge${c===1?"":"s"}`;if(!t)return o?
`No edge of ${o} of this sort is among t\
hose kept here.`:"No edge of this sort i\
s kept here.";if(!e)return`None of ${r(t)}\
 is that strong.`;let a=this.#e,i=a.file.
all[s]>a.of(s).length?`; of ${r(a.file.all[s])}\
 the strongest of each kind are kept`:"",
h=e>W?` (the ${W} strongest are drawn)`:
"";return`${r(e)} of ${D(t)}${h}${i}. ${this.#t[0].
said}`}#l(t){if(!t){this.readout.replaceChildren(
p("span",this.hint,"hint"));return}let e=this.#t.
filter(({from:a,to:i})=>a===t||i===t),s=t.
labels.map(b).join(", ")||"no label",o=e.
length>B?` And ${e.length-B} more.`:"",r=e.
slice(0,B).map(a=>a.said);this.readout.replaceChildren(
p("b",t.name),` ${s}. ${r.join(" ")}${o}`)}#m(t){
let e=this.#t.map(({from:r,to:a,what:i,value:h})=>tt(
[rt(r),rt(a),p("span",i),y(h)])),s=p("th\
ead");s.append(Z(["From",p("span","To"),
p("span",ot[t][0]),ot[t][1]]));let o=p("\
tbody");o.append(...e),M("[data-drawn]").
replaceChildren(s,o)}};function rt({name:n,
labels:t}){let e=p("span");return e.append(
X(n,`heads/${n}.html`)),t.length&&e.append(
" ",p("span",t.slice(0,2).map(b).join(",\
 "),"soft")),e}J();new j().start();})();
