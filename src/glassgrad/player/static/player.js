var $i="http://www.w3.org/2000/svg";function d(n,t={},...e){return Kn(document.createElement(n),t,e)}function _(n,t={},...e){return Kn(document.createElementNS($i,n),t,e)}function Kn(n,{on:t={},...e},s){for(let[o,i]of Object.entries(e))T(n,o,i);for(let[o,i]of Object.entries(t))n.addEventListener(o,i);return n.append(...s.flat().filter(o=>o!=null)),n}function T(n,t,e){let s=n.getAttribute(t);e===!1||e===null||e===void 0?s!==null&&n.removeAttribute(t):s!==String(e===!0?"":e)&&n.setAttribute(t,e===!0?"":e)}function N(n,t){n.textContent!==t&&(n.textContent=t)}function B(n,...t){n.replaceChildren(...t.flat().filter(e=>e!=null))}function en(n){return _("svg",{viewBox:"0 0 16 16",width:16,height:16,"aria-hidden":"true",focusable:"false"},_("path",{d:n,fill:"currentColor"}))}function O(n,t,e={}){return d("button",{type:"button",...e,on:{click:t}},n)}var Yn=0;function Nt(n){return Yn+=1,`gg-${n}-${Yn}`}function qt(n,t,e){let s=URL.createObjectURL(t instanceof Blob?t:new Blob([t],{type:e})),o=d("a",{href:s,download:n});document.body.append(o),o.click(),o.remove(),setTimeout(()=>URL.revokeObjectURL(s),1e4)}async function ye(n){if(n.focus(),n.select(),document.execCommand("copy"))return!0;try{return await navigator.clipboard.writeText(n.value),!0}catch{return!1}}var Mi={"*":"×","-":"−",neg:"−","/":"÷"};function v(n,t=4){if(n==null)return"–";if(Number.isNaN(n))return"NaN";if(!Number.isFinite(n))return n>0?"∞":"−∞";if(n===0)return"0";let e=Number(n.toPrecision(t)),s=Math.abs(e);if(s>=1e-4&&s<10**(t+2))return String(e).replace("-","−");let[o,i]=n.toExponential(t-1).split("e");return`${Number(o)}e${Number(i)}`.replaceAll("-","−")}var nn=9;function mt(n){for(let t=4;t>1;t--){let e=v(n,t);if(e.length<=nn)return e}return v(n,1)}function Zn(n,t=4){let e=v(n,t);return/^[−–N]/.test(e)?e:`+${e}`}function ot(n){return String(n).replace(/\B(?=(\d{3})+$)/g,",")}function Qn(n){return n<1e4?ot(n):n<999500?`${Math.round(n/1e3)}k`:`${Number((n/1e6).toPrecision(3))}M`}function ie(n,t){return`${ot(n)} ${t}${n===1?"":"s"}`}function yt(n){return Mi[n]??n}var Jn=globalThis.Intl?.Segmenter?new Intl.Segmenter(void 0,{granularity:"grapheme"}):null;function _i(n){return Jn?Array.from(Jn.segment(n),t=>t.segment):Array.from(n)}function it(n,t){if(n.length<=t)return n;let e=_i(n);return e.length<=t?n:`${e.slice(0,t-1).join("")}…`}var Ai=[318,401,460,838,636,950,780,275,390,390,500,838,318,361,318,337,636,636,636,636,636,636,636,636,636,636,337,337,838,838,838,531,1e3,684,686,698,770,632,575,775,752,295,295,656,557,863,748,787,603,787,695,635,611,732,684,989,685,611,685,390,337,390,838,500,500,613,635,550,635,615,352,635,634,278,278,579,278,974,634,612,635,635,411,521,392,634,592,818,592,592,525,636,337,636,838],Si=/\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u,Ti=/^[\p{M}\p{Cf}]$/u,Ei=1.12,Ni=720,ts=new Map([["×",838],["−",838],["…",1e3],["·",318],["∂",517],["÷",838],["–",500],["∞",833]]);function wt(n,t,e=!1){let s=0;for(let o of n){let i=o.codePointAt(0);s+=i>=32&&i<127?Ai[i-32]:ts.get(o)??Oi(o)}return s/1e3*t*(e?Ei:1)}function Oi(n){let t=Ti.test(n)?0:Si.test(n)?1300:Ni;return ts.set(n,t),t}var Ii=4;function ve(n,t){if(!Number.isFinite(n))return"bad";if(n===0)return"zero";let e=t>0?Math.ceil(Ii*Math.sqrt(Math.min(Math.abs(n)/t,1))):1;return`${n>0?"plus":"minus"}${Math.max(e,1)}`}function es(n,t,e,s){let o=new Int32Array(n+1);for(let a=e;a<t.length;a+=2)o[t[a]+1]++;for(let a=0;a<n;a++)o[a+1]+=o[a];let i=o.slice(),r=new Int32Array(t.length/2);for(let a=0;a<t.length;a+=2)r[i[t[a+e]]++]=t[a+s];return{start:o,ends:r}}function ns(n,t){let{start:e,ends:s}=es(n,t,0,1),o=new Int32Array(n),i=new Int32Array(n),r=new Uint8Array(n),a=e.slice(),l=[],h=[],c=[],u=0;for(let p=0;p<n;p++)if(!o[p])for(l.push(p);l.length;){let f=l.at(-1);if(o[f]||(o[f]=i[f]=++u,r[f]=1,h.push(f)),a[f]<e[f+1]){let m=s[a[f]++];o[m]?r[m]&&(i[f]=Math.min(i[f],o[m])):l.push(m);continue}if(l.pop(),l.length&&(i[l.at(-1)]=Math.min(i[l.at(-1)],i[f])),i[f]!==o[f])continue;let g=h.at(-1)===f;for(let m=-1;m!==f;)m=h.pop(),r[m]=0,g||c.push(m)}return c}function ke(n,t){let{start:e,ends:s}=es(n,t,1,0),o=new Int32Array(n);for(let h=0;h<t.length;h+=2)o[t[h]]++;let i=new Int32Array(n),r=new Int32Array(n),a=0;for(let h=0;h<n;h++)o[h]||(r[a++]=h);let l=0;for(let h=0;h<a;h++){let c=r[h];for(let u=e[c];u<e[c+1];u++){let p=s[u];i[p]<=i[c]&&(i[p]=i[c]+1),--o[p]||(r[a++]=p,l=Math.max(l,i[p]))}}return i.map(h=>l-h)}var zi=14,Li=9,Bi=34,Ci=200,Ri=.2,ji=12e3,Fi=1500;function ss(n,t){if(!n.length)return{start:[],middle:[],routes:[],length:0,breadth:0};let e=new sn(n,t);return e.sort(),e.settle(),e.result()}function Pi(n,t){let e=new Int32Array(2*t.length);t.forEach(({tail:c,head:u},p)=>{e[2*p]=c,e[2*p+1]=u});let s=Array.from(ke(n.length,e)),o=1/0,i=-1/0;n.forEach((c,u)=>{c.place!=="first"&&(o=Math.min(o,s[u]),i=Math.max(i,s[u]))}),o===1/0&&(o=i=0);let a=n.some(c=>c.place==="last")&&n.some((c,u)=>c.place===""&&s[u]===i),l=i;a&&(l=i+1,n.forEach((c,u)=>c.place==="last"&&(s[u]=l)));let h=n.some(c=>c.place==="first");return n.forEach((c,u)=>s[u]=c.place==="first"?0:s[u]-o+(h?1:0)),s}var sn=class{constructor(t,e){this.vertices=t,this.edges=e,this.real=t.length,this.rank=Pi(t,e),this.count=this.rank.reduce((s,o)=>Math.max(s,o),0)+1,this.room=new Float64Array(this.count),this.breadth=t.map(s=>s.breadth),this._lanes(),this.size=this.rank.length,this._index(),this.position=new Int32Array(this.size),this.centres=new Float64Array(this.size),this.y=new Float64Array(this.size)}_lanes(){let{edges:t,rank:e}=this,s=this.segments={tail:[],head:[],out:[],into:[]},o=(l,h,c,u)=>{s.tail.push(l),s.head.push(h),s.out.push(c),s.into.push(u)},i=t.map(({tail:l,tailPort:h,bundle:c})=>`${l} ${h} ${c}`),r=new Map;t.forEach(({tail:l,head:h},c)=>{r.set(i[c],Math.max(r.get(i[c])??0,e[h]-e[l]))});let a=qi([...r.values()]);this.chains=new Map,this.chainOf=i.map(l=>(this.chains.has(l)||this.chains.set(l,[]),this.chains.get(l))),this.direct=new Uint8Array(t.length),t.forEach((l,h)=>{let c=e[l.tail],u=e[l.head];if(this.room[u]=Math.max(this.room[u],l.room),u-c>a){this.direct[h]=1;return}let p=this.chainOf[h];for(;p.length<u-c-1;){let f=e.length;e.push(c+p.length+1),this.breadth.push(0),p.length?o(p.at(-1),f,0,0):o(l.tail,f,l.tailPort,0),p.push(f)}u-c===1?o(l.tail,l.head,l.tailPort,l.headPort):o(p[u-c-2],l.head,0,l.headPort)})}_index(){let{tail:t,head:e,out:s,into:o}=this.segments,i=(r,a)=>{let l=new Int32Array(this.size+1);for(let u of r)l[u+1]++;for(let u=0;u<this.size;u++)l[u+1]+=l[u];let h=l.slice(),c=new Int32Array(r.length);for(let u=0;u<r.length;u++)c[h[r[u]]++]=u;for(let u=0;u<this.size;u++)l[u+1]-l[u]>1&&c.subarray(l[u],l[u+1]).sort((p,f)=>a[p]-a[f]||p-f);return{start:l,list:c}};this.outs=i(t,s),this.ins=i(e,o),this.tail=Int32Array.from(t),this.head=Int32Array.from(e),this.out=Float64Array.from(s),this.into=Float64Array.from(o)}sort(){this._walk();let t=this.layers.map(i=>i.slice()),e=this._crossings(),s=0,o=this.size<3e3?10:this.size<1e4?5:3;for(let i=0;i<o&&e&&s<4;i++){this._sweep(i%2===0);let r=this._crossings();s++,r<e&&(t=this.layers.map(a=>a.slice()),e=r,s=0)}this.layers=t,this._place(),e&&this.size<=Fi&&this._exchange()}_walk(){let{ins:t,outs:e,tail:s,size:o}=this;this.layers=Array.from({length:this.count},()=>[]);let i=new Uint8Array(o),r=a=>{i[a]=1,this.layers[this.rank[a]].push(a)};for(let a=0;a<o;a++){if(e.start[a+1]>e.start[a]||i[a])continue;let l=[a];for(;l.length;){let h=l.pop();if(!i[h]){r(h);for(let c=t.start[h+1]-1;c>=t.start[h];c--){let u=s[t.list[c]];i[u]||l.push(u)}}}}for(let a=0;a<o;a++)i[a]||r(a);this._place()}_place(){for(let t of this.layers)for(let e=0;e<t.length;e++)this.position[t[e]]=e}_sweep(t){let{position:e,centres:s,count:o}=this,{start:i,list:r}=t?this.ins:this.outs,a=t?this.tail:this.head,l=t?this.out:this.into;for(let h=0;h<o;h++){let c=this.layers[t?h:o-1-h];for(let u=0;u<c.length;u++){let p=c[u],f=0;for(let g=i[p];g<i[p+1];g++)f+=e[a[r[g]]]+l[r[g]]*.001;s[p]=i[p+1]>i[p]?f/(i[p+1]-i[p]):u}c.sort((u,p)=>s[u]-s[p]);for(let u=0;u<c.length;u++)e[c[u]]=u}}_crossings(){let{ins:t,outs:e,tail:s,out:o}=this,i=new Int32Array(s.length),r=0;for(let a=1;a<this.count;a++){let l=0;for(let u of this.layers[a])for(let p=t.start[u];p<t.start[u+1];p++)i[t.list[p]]=++l;if(l<2)continue;let h=new Int32Array(l+1),c=0;for(let u of this.layers[a-1]){let p=e.list.subarray(e.start[u],e.start[u+1]),f=p.length>1?p.slice().sort((g,m)=>o[g]-o[m]||i[g]-i[m]):p;for(let g of f){let m=0;for(let b=i[g];b>0;b-=b&-b)m+=h[b];r+=c-m;for(let b=i[g];b<=l;b+=b&-b)h[b]++;c++}}}return r}_exchange(){for(let t=0;t<8;t++){let e=0;for(let s of this.layers)for(let o=0;o+1<s.length;o++){let i=s[o],r=s[o+1],a=this._cross(i,r)-this._cross(r,i);a<=0||(s[o]=r,s[o+1]=i,this.position[i]=o+1,this.position[r]=o,e+=a)}if(!e)return}}_cross(t,e){return this._pairs(this.ins,this.tail,this.out,t,e)+this._pairs(this.outs,this.head,this.into,t,e)}_pairs({start:t,list:e},s,o,i,r){let{position:a}=this,l=0;for(let h=t[i];h<t[i+1];h++){let c=a[s[e[h]]]+o[e[h]]*1e-4;for(let u=t[r];u<t[r+1];u++)c>a[s[e[u]]]+o[e[u]]*1e-4&&l++}return l}settle(){let t=this.layers.map(o=>this._gaps(o)),e=Math.max(...t.map(o=>o.at(-1)??0));this.layers.forEach((o,i)=>{let r=o.filter(a=>this._fans(a)).length;r>1&&(t[i]=this._gaps(o,e/r))}),this.layers.forEach((o,i)=>{let r=(t[i].at(-1)??0)/2;o.forEach((a,l)=>this.y[a]=t[i][l]-r)});let s=this.size<6e3?4:2;for(let o=0;o<2*s;o++){let i=o>=s;for(let r=this.count-1;r>=0;r--)this._settleRank(r,t[r],i,!0);for(let r=0;r<this.count;r++)this._settleRank(r,t[r],!0,i)}}_fans(t){let{ins:e,outs:s}=this,o=s.start[t+1]-s.start[t]+e.start[t+1]-e.start[t];return t<this.real&&this.vertices[t].place!==""&&o>1}_gaps(t,e=0){let s=new Float64Array(t.length);for(let o=1;o<t.length;o++){let i=t[o-1],r=t[o],a=i<this.real&&r<this.real?zi:Li,l=e>a&&this._fans(i)&&this._fans(r)?e:a;s[o]=s[o-1]+(this.breadth[i]+this.breadth[r])/2+l}return s}_settleRank(t,e,s,o){let{y:i,real:r,ins:a,outs:l,tail:h,head:c,out:u,into:p}=this,f=this.layers[t],g=new Float64Array(f.length),m=new Float64Array(f.length),b=new Int32Array(f.length),w=0;for(let x=0;x<f.length;x++){let $=f[x],A=$<r?1:4,R=0,j=0;if(s)for(let z=a.start[$];z<a.start[$+1];z++){let q=a.list[z],y=h[q]<r?A:A*2;R+=y,j+=y*(i[h[q]]+u[q]-p[q])}if(o)for(let z=l.start[$];z<l.start[$+1];z++){let q=l.list[z],y=c[q]<r?A:A*2;R+=y,j+=y*(i[c[q]]+p[q]-u[q])}R||(R=.05,j=R*i[$]),j-=R*e[x];let F=1;for(;w&&m[w-1]*R>j*g[w-1];)w--,R+=g[w],j+=m[w],F+=b[w];g[w]=R,m[w]=j,b[w++]=F}for(let x=0,$=0;x<w;x++){let A=m[x]/g[x];for(let R=0;R<b[x];R++,$++)i[f[$]]=A+e[$]}}result(){let{y:t,rank:e,breadth:s,real:o,vertices:i,ins:r}=this,a=1/0,l=-1/0;for(let f=0;f<this.size;f++)a=Math.min(a,t[f]-s[f]/2),l=Math.max(l,t[f]+s[f]/2);for(let f=0;f<this.size;f++)t[f]-=a;let{left:h,right:c}=this._columns(),u=new Float64Array(o);for(let f=0;f<o;f++){let g=r.start[f]===r.start[f+1];u[f]=g?c[e[f]]-i[f].length:h[e[f]]}let p=this.edges.map((f,g)=>this._route(g,f,h,c,u));return{start:u,middle:t.slice(0,o),routes:p,length:c.at(-1),breadth:l-a}}_columns(){let{y:t,ins:e,tail:s,out:o,into:i}=this,r=new Array(this.count).fill(0),a=new Array(this.count).fill(0),l=0;return this.layers.forEach((h,c)=>{let u=0,p=0;for(let f of h){for(let g=e.start[f];g<e.start[f+1];g++){let m=e.list[g];u=Math.max(u,Math.abs(t[s[m]]+o[m]-t[f]-i[m]))}f<this.real&&(p=Math.max(p,this.vertices[f].length))}c&&(l+=Math.min(Math.max(Bi,Ri*u),Ci)+this.room[c]),r[c]=l,l+=p,a[c]=l}),{left:r,right:a}}_route(t,{tail:e,head:s,tailPort:o,headPort:i},r,a,l){let{y:h,rank:c,room:u}=this,p=c[e],f=c[s],g=h[e]+o,m=h[s]+i,b=[l[e]+this.vertices[e].length,g,a[p],g];if(!this.direct[t])for(let w=p+1;w<f;w++){let x=h[this.chainOf[t][w-p-1]];b.push(r[w]-u[w],x,a[w],x)}return b.push(r[f]-u[f],m,l[s],m),on(b)}};function on(n){let t=[n[0],n[1]];for(let e=2;e<n.length-2;e+=2)t.at(-1)===n[e+1]&&n[e+1]===n[e+3]||t.push(n[e],n[e+1]);return t.push(n.at(-2),n.at(-1)),t}function qi(n){n.sort((s,o)=>s-o);let t=0,e=0;for(let s of n){if(t+=s,t>ji)return Math.max(e,1);e=s}return e}function os(n,t,e=[{parent:-1}]){return new rn(n,t,e).arrange()}var $e={before:0,after:0,low:0,high:0},rn=class{constructor(t,e,s){this.boxes=t,this.regions=s,this.inside=s.map(()=>({members:new Map,pieces:new Map,origin:[0,0],size:[0,0]})),this.depth=new Int32Array(s.length);for(let o=1;o<s.length;o++)this.depth[o]=this.depth[s[o].parent]+1;t.forEach((o,i)=>{this._join(o.region??0,`box ${i}`,{box:i});for(let r=o.region??0;r>0;r=s[r].parent)this._join(s[r].parent,`region ${r}`,{region:r})}),this.paths=e.map(o=>this._cut(o))}_join(t,e,s){let{members:o}=this.inside[t],i=o.get(e);return i||(i={...s,at:o.size,key:e},o.set(e,i)),i}_cut(t){let{regions:e,depth:s}=this,o=`${t.tail} ${t.bundle??""}`,i=[],r=[],a=this.boxes[t.tail].region??0,l=this.boxes[t.head].region??0;for(;a!==l;)s[a]>=s[l]?(i.push(a),a=e[a].parent):(r.push(l),l=e[l].parent);let h=[],c=`box ${t.tail}`,u=null;for(let f of i){let g=this._join(f,`out ${o}`,{place:"last"}).key;h.push(this._piece(f,t,c,u,g,null)),c=`region ${f}`,u=g}let p=r.reverse();return[a,...p].forEach((f,g)=>{if(g===p.length){h.push(this._piece(f,t,c,u,`box ${t.head}`,null,t.headPort,t.room));return}let m=this._join(p[g],`in ${o}`,{place:"first"}).key;h.push(this._piece(f,t,c,u,`region ${p[g]}`,m)),c=m,u=null}),h}_piece(t,e,s,o,i,r,a=0,l=0){let{pieces:h}=this.inside[t],c=`${s}|${o}|${i}|${r}|${a}|${e.bundle??""}`,u=h.get(c);return u||(u={tail:s,tailVia:o,head:i,headVia:r,headPort:a,room:l,bundle:e.bundle??"",at:h.size},h.set(c,u)),[t,u]}arrange(){let t=this.regions.map((r,a)=>a).sort((r,a)=>this.depth[a]-this.depth[r]);for(let r of t)this.inside[r].members.size&&this._place(r);let e=new Float64Array(this.boxes.length),s=new Float64Array(this.boxes.length),o=this.regions.map(()=>null);for(let r of t.reverse()){let{members:a,placement:l,origin:h,size:c}=this.inside[r];if(o[r]={start:h[0],low:h[1],length:c[0],breadth:c[1]},!l)continue;let{before:u,low:p}=this.regions[r].padding??$e,f=h[0]+u,g=h[1]+p;for(let{box:m,region:b,at:w}of a.values())if(m!==void 0)e[m]=f+l.start[w],s[m]=g+l.middle[w];else if(b!==void 0){let x=this.inside[b];x.origin=[f+l.start[w],g+l.middle[w]-x.size[1]/2]}}let i=this.paths.map(r=>this._route(r));return{start:e,middle:s,routes:i,regions:o,length:this.inside[0].size[0],breadth:this.inside[0].size[1]}}_place(t){let e=this.inside[t],{members:s,pieces:o}=e,i=Array.from(s.values(),({box:p,region:f,place:g})=>{if(p!==void 0)return{length:this.boxes[p].length,breadth:this.boxes[p].breadth,place:""};if(f===void 0)return{length:0,breadth:0,place:g};let[m,b]=this.inside[f].size;return{length:m,breadth:b,place:""}}),r=Array.from(o.values(),({tail:p,tailVia:f,head:g,headVia:m,headPort:b,room:w,bundle:x})=>({tail:s.get(p).at,head:s.get(g).at,tailPort:this._port(s.get(p),f,0),headPort:this._port(s.get(g),m,b),room:w,bundle:x}));e.placement=ss(i,r);let{before:a,after:l,low:h,high:c}=this.regions[t].padding??$e,u=this.regions[t].least??{length:0,breadth:0};e.size=[Math.max(e.placement.length+a+l,u.length),Math.max(e.placement.breadth+h+c,u.breadth)]}_port({region:t},e,s){if(e===null)return s;let o=this.inside[t],{low:i}=this.regions[t].padding??$e;return i+o.placement.middle[o.members.get(e).at]-o.size[1]/2}_route(t){let e=[];for(let[s,o]of t){let{origin:i,placement:r}=this.inside[s],{before:a,low:l}=this.regions[s].padding??$e,h=r.routes[o.at];for(let c=0;c<h.length;c+=2){let u=i[1]+l+h[c+1];e.length&&Math.abs(e.at(-1)-u)<1e-6&&(u=e.at(-1)),e.push(i[0]+a+h[c],u)}}return on(e)}};function is(n){return n==="TB"?(t,e)=>[e,t]:(t,e)=>[t,e]}function re(n,t){let e=(o,i)=>{let[r,a]=t(o,i);return`${vt(r)} ${vt(a)}`},s=`M${e(n[0],n[1])}`;for(let o=0;o+3<n.length;o+=2){let i=n[o],r=n[o+1],a=n[o+2],l=n[o+3];if(r===l)s+=`L${e(a,l)}`;else{let h=(i+a)/2;s+=`C${e(h,r)} ${e(h,l)} ${e(a,l)}`}}return s}function vt(n){return Math.round(n*10)/10}var bt=11,ae=10,rt=18,Ut=8,Dt=14,Wt=3,Me=6,an=22,Di=18,Ui=7,ln=44,Ot=12,ls=24,rs=32,Wi=wt("−".padEnd(nn,"0"),bt),Gi=2;function hs(n,t,e){let s=e!=="TB",o=is(e),i=t.boxes.map(m=>Vi(n,m,s)),r=Qi(t.wires),a=os(i.map(({badge:m,body:b},w)=>({...Yi(m,b,t.boxes[w],s),region:t.boxes[w].cluster})),t.wires.map((m,b)=>({tail:m.from,head:m.to,headPort:Xi(t.boxes[m.to],m.port,s),room:Ui+4+(s?ln+6:ae+6),bundle:r[b]?String(r[b]):""})),t.clusters.map(m=>Ki(m,s))),l=t.boxes.map((m,b)=>({...m,...i[b],...Ji(i[b],a.start[b],a.middle[b],s)})),h=tr(t.wires.map(({from:m},b)=>[`${m} ${r[b]}`,a.routes[b]])),c=(m,b)=>o(m+Dt,b+Dt),u=t.wires.map((m,b)=>Zi(m,h[b],a.routes[b],c,s)),p=t.clusters.map((m,b)=>{let{start:w,low:x,length:$,breadth:A}=a.regions[b],[R,j]=c(w,x),[F,z]=o($,A);return{...m,x:R,y:j,width:F,height:z,shade:Hi(t.clusters,b)%2}}),[f,g]=o(a.length+2*Dt,a.breadth+2*Dt);return{boxes:l,wires:u,clusters:p,width:f,height:g,direction:e,at:c}}function Hi(n,t){let e=0;for(;t>0;t=n[t].parent)e++;return e}function Vi(n,t,e){if(t.kind!=="node"){let m=Math.max(...t.lines.map(A=>wt(A,ae))),b=Math.max(wt(t.title,bt,!0),m)+2*Ut+2*Wt+12,w=rt*(1+t.lines.length)+12,x=_e(e)*(Math.min(t.ports,ls)-1)+14;return{badge:null,body:e?{width:b,height:Math.max(w,x)}:{width:Math.max(b,x),height:w}}}let s=t.node,o=n.kind[s]===Gi,i=o?"":it(n.title(s),rs),r=o?wt(mt(n.value[s]),bt):Wi,a=r+(i?wt(i,bt,!0)+10:0);o||(a=Math.max(a,r+wt("grad",ae)+10));let l={width:Math.max(a,22)+2*Ut,height:rt*(o?1:2)+4},h=n.operation(s),c=!n.label(s);if(!h)return{name:i,faint:c,badge:null,body:l,op:""};let u=it(yt(h.symbol||h.name),rs),p=_e(e)*(t.ports-1)+14,f=Math.max(an,wt(u,bt)+12),g=e?{width:f,height:Math.max(an,p)}:{width:Math.max(f,p),height:an};return{name:i,faint:c,badge:g,body:l,op:u}}function _e(n){return n?Di:ln+8}function Xi({kind:n,ports:t},e,s){return n!=="node"&&t>ls?0:(e-(t-1)/2)*_e(s)}function Yi(n,t,{ports:e,kind:s},o){if(o)return{length:t.width+(n?n.width+Me:0),breadth:Math.max(n?.height??0,t.height)};let i=s==="node"&&e?_e(!1)*(e-1)+2*(ln+6):0;return{length:t.height+(n?n.height+Me:0),breadth:Math.max(n?.width??0,t.width,i)}}function Ki(n,t){if(n.parent<0)return{parent:-1};let e=wt(n.title,bt,!0)+2*Ot+24,s=rt+8;return t?{parent:n.parent,padding:{before:Ot,after:Ot,low:s,high:Ot},least:{length:e,breadth:0}}:{parent:n.parent,padding:{before:s,after:Ot,low:Ot,high:Ot},least:{length:0,breadth:e}}}function Ji({badge:n,body:t},e,s,o){let i=o?"width":"height",r=o?"height":"width",a=t[i]+(n?n[i]+Me:0),l=Math.max(t[r],n?.[r]??0),h=s-l/2,c=(f,g)=>{let m=(l-f[r])/2,[b,w]=o?[g,m]:[m,g];return{...f,x:vt(b),y:vt(w)}},[u,p]=o?[e,h]:[h,e];return{x:vt(u+Dt),y:vt(p+Dt),width:o?a:l,height:o?l:a,body:c(t,n?n[i]+Me:0),badge:n&&c(n,0)}}function Zi(n,t,e,s,o){let i=s(e[e.length-2],e[e.length-1]).map(vt),r=new Array(t.length);for(let a=0;a<t.length;a+=2)[r[a],r[a+1]]=s(t[a],t[a+1]);return{...n,route:e,part:t,tip:i,points:r,across:o}}function cs({points:n},[t,e,s,o]){let i=-1,r=-1;for(let a=0;a+3<n.length;a+=2)Math.min(n[a],n[a+2])>s||Math.max(n[a],n[a+2])<t||Math.min(n[a+1],n[a+3])>o||Math.max(n[a+1],n[a+3])<e||(i<0&&(i=a),r=a);return i<0?null:[i,r]}function Gt({part:n,tip:[t,e],across:s},o,i=0,r=n.length-4){let a=re(i===0&&r===n.length-4?n:n.slice(i,r+4),o);return r<n.length-4?a:a+(s?`M${t-6} ${e-3.5}L${t} ${e}L${t-6} ${e+3.5}`:`M${t-3.5} ${e-6}L${t} ${e}L${t+3.5} ${e-6}`)}function Qi(n){let t=new Map;return n.map(({from:e,to:s})=>{let o=`${e} ${s}`,i=t.get(o)??0;return t.set(o,i+1),i})}function tr(n){let t=new Map;return n.map(([e,s])=>{let o=t.get(e);if(!o)return t.set(e,{longest:s,last:s}),s;let i=Math.max(as(o.longest,s),as(o.last,s));return o.last=s,s.length>o.longest.length&&(o.longest=s),i>2?s.slice(i-2):s})}function as(n,t){let e=Math.min(n.length,t.length-2),s=0;for(;s<e&&Math.abs(n[s]-t[s])<.05&&Math.abs(n[s+1]-t[s+1])<.05;)s+=2;return s}var us={"+":"+","-":"−","*":"·","/":"/","**":"^","%":"%","//":"//"},er={"<":"<","<=":"≤",">":">",">=":"≥","==":"=","!=":"≠"},nr=60,sr=200,hn=12,Ht="?",ps=/^[\p{L}\p{N}_.′'[\]−]*/u;function Ae(n,t){let e=n.verdict(t);return e?e.mark===1?"✓ right":`${e.mark?"✗":"?"} ${e.reason}`:null}function at(n){let t=v(n);return t.startsWith("−")?`(${t})`:t}function P(n,t){let e=n.title(t);return e.match(ps)[0]===e?e:`(${e})`}function ht(n,t){let e=[],{groups:s,nodes:o}=n.document;for(let i=o.group[t];i>=0;i=s[i].parent)e.unshift(s[i].name);return e.join(" › ")}function I(n,t,e=n.root){return`∂${P(n,e)}/∂${P(n,t)}`}function gs(n){let t=[],e=0;for(let s=n.indexOf("∂");s>=0;s=n.indexOf("∂",Math.max(s+1,e))){let o=ds(n,s+1);if(o===s+1||!n.startsWith("/∂",o))continue;let i=ds(n,o+2);i!==o+2&&(s>e&&t.push(n.slice(e,s)),t.push([n.slice(s,o),n.slice(o+1,i)]),e=i)}return e<n.length&&t.push(n.slice(e)),t}function ds(n,t){if(n[t]!=="(")return t+n.slice(t).match(ps)[0].length;let e=0;for(let s=t;s<n.length;s++)if(n[s]==="(")e++;else if(n[s]===")"&&--e===0)return s+1;return t}function Vt(n,t,e=s=>P(n,s)){let s=n.operands(t).map(e);return or(n.operation(t),s)}function or({name:n,symbol:t},e){let s=us[t]??er[t];if(s&&e.length===2)return`${e[0]} ${s} ${e[1]}`;let[,o,i]=/^(\*\*|[-+*/])\(?(-?[\d.]+)\)?$/.exec(t)??[];return o&&e.length===1?`${e[0]} ${us[o]} ${i.replace("-","−")}`:n==="neg"?`−${e[0]}`:n==="identity"?e[0]:`${t||n}(${e.join(", ")})`}function ms(n,t){let{engine:e}=n,s=Vt(e,t,a=>at(n.value(a))),o=s.startsWith("(")?s.replace(/^\((−[^()]*)\)/,"$1"):s,i=v(n.value(t)),r=[P(e,t),Vt(e,t)];return o!==i&&!e.operation(t).unknown&&r.push(o),[...r,i].join(" = ")}function Z(n,t){let e=n.operation(t);return e?yt(e.symbol||e.name):n.kind[t]===1?"leaf":"constant"}var ir={add:(n,t)=>[`${et(n,1)} + ${et(t,1)}`,1],sub:(n,t)=>[`${et(n,1)} − ${et(t,2)}`,1],mul:(n,t)=>n===t?[`${et(n,4)}²`,3]:[`${et(n,2)} · ${et(t,2)}`,2],div:(n,t)=>[`${et(n,2)} / ${et(t,3)}`,2],pow:(n,t)=>[`${et(n,4)}^${et(t,4)}`,3],neg:n=>[`−${et(n,3)}`,1],square:n=>[`${et(n,4)}²`,3],identity:n=>n};function et([n,t],e){return t<e||n.startsWith("−")&&e>1?`(${n})`:n}function cn(n,t){let e=n.owner[t],s=n.operation(e).slopes?.[t-n.start[e]],o=s?rr(n,e,s):ar(n,t);return o!==null&&o.length<=sr?o:null}function rr(n,t,e){let s=n.operands(t).map(r=>P(n,r)),o=r=>r.startsWith("−")&&e.length>3?`(${r})`:r;return e.replace(/\{(\w)\}/g,(r,a)=>o(a==="y"?P(n,t):s[a])).replace(/\^\((\d+) − 1\)/,(r,a)=>a==="2"?"":a==="3"?"²":`^${a-1}`)}function ar(n,t){if(n.rule[t]<0)return null;let{constants:e,code:s,out:o}=n.document.rules[n.rule[t]],i=n.owner[t],r=[i,...n.operands(i)].map(a=>[P(n,a),4]);for(let a of e)r.push([typeof a=="number"?v(a):a,4]);for(let[a,...l]of s){if(a==="where")return null;let h=l.map(u=>r[u]),c=(ir[a]??((...u)=>[`${a}(${u.map(([p])=>p).join(", ")})`,4]))(...h);if(c[0].length>nr)return null;r.push(c)}return r[o][0]}function lr(n,t){let e=I(n,n.args[t],n.owner[t]),s=v(n.slope[t]),o=cn(n,t);return o===null||o===s?`${e} = ${s}`:`${e} = ${o} = ${s}`}function It(n,t){let{engine:e}=n;return n.conceals(t)?`${I(e,e.args[t],e.owner[t])} = ${Ht}`:lr(e,t)}function un(n,t,e=n.engine.slope[t]){return n.conceals(t)?Ht:at(e)}function dt(n,t,e=n.grad(t)){return n.veils(t)?Ht:v(e)}function Xt(n,{node:t,id:e,edge:s,slope:o,upstream:i,amount:r},a=null){let{engine:l}=n,h=n.veils(t)?Ht:v(i),c=n.veils(e)?Ht:v(r);return[a??I(l,e),`${I(l,t)} · ${I(l,e,t)}`,`${h} · ${un(n,s,o)}`,c].join(" = ")}function Yt(n,t,e,s){if(e.length<2)return null;let{engine:o}=n,i=n.veils(t),r=fs(e,({node:l})=>`${I(o,l)} · ${I(o,t,l)}`),a=i?`sum of ${e.length} shares`:fs(e,({amount:l},h)=>h?at(l):v(l));return[I(o,t),r,a,i?Ht:v(s)].join(" = ")}function fs(n,t){let e=n.slice(0,hn).map(t);return n.length>hn&&e.push(`… (${n.length-hn} more)`),e.join(" + ")}function kt(n,t){return n.contributions(t).filter(({sent:e})=>e)}function ws(n,t,e){return t.filter(({node:s})=>n.stepOf(s)<=e)}function zt(n){let{engine:t,t:e,total:s}=n;if(e===0)return`step 0 of ${s} · nothing computed yet`;let{phase:o,node:i}=n.shown.last;return o==="seed"?`step ${e} of ${s} · backward · start at ${t.title(i)}`:`step ${e} of ${s} · ${o} · ${Z(t,i)} → ${t.title(i)}`}function bs(n){let{engine:t}=n,e=n.shown.last,s=zt(n).replaceAll(" · ",", ").replace("→","makes");if(!e)return s;if(e.phase==="forward")return`${s}: value ${v(n.value(e.node))}`;if(e.phase==="seed")return`${s}: its gradient is 1`;let o=[...new Set(t.operands(e.node))].filter(i=>n.grad(i)!==null||n.hidden(i)).map(i=>`gradient of ${t.title(i)} ${n.hidden(i)?"to be found":v(n.grad(i))}`);return[s,...o].join("; ")}var Se=2;function hr(n,t){let{engine:e}=n,s=e.title(t),o=n.value(t),i=n.grad(t),r=e.operation(t),a=[o===null?`${s}: not computed yet`:`${s} = ${dn(o)}`];if(r){let h=e.operands(t).map(u=>it(e.title(u),24)),c=h.length>6?[...h.slice(0,5),`… ${h.length-5} more`]:h;a.push(`operation ${yt(r.symbol||r.name)} of ${c.join(", ")}`)}else a.push(e.kind[t]===Se?"constant":"leaf");n.note(t)&&a.push(n.note(t)),n.hidden(t)?a.push("gradient: to be found"):i!==null?a.push(`gradient ${dn(i)}`):e.kind[t]!==Se&&a.push("no gradient yet");let l=e.source(t);return l&&a.push(`made at ${l}`),a}function dn(n){return Number.isFinite(n)?String(n).replace("-","−"):v(n)}var cr={yes:"✓",no:"✗",unknown:"?"},ur={yes:"gradient agrees with the central difference",no:"gradient does not agree with the central difference",unknown:"agreement with the central difference cannot be told"};function Te(n,t){let e=_("g",{class:"gg-box",role:"button",tabindex:-1,transform:`translate(${t.x} ${t.y})`,"data-key":t.key}),s=_("title",{}),o=_("g",{"aria-hidden":"true"});e.append(s,o);let i=(a,l,h)=>{let c=h===void 0?_(a,l):_(a,l,h);return o.append(c),c},r={group:e,drawn:o,title:s};return t.kind==="node"?dr(n,t,i,r):fr(t,i,r),r}function dr(n,t,e,s){let{badge:o,body:i}=t,r=n.engine.kind[t.node]===Se;if(o){let h=o.x<i.x,c=h?[o.x+o.width,o.y+o.height/2]:[o.x+o.width/2,o.y+o.height],u=h?[i.x,c[1]]:[c[0],i.y];e("path",{class:"gg-neck",d:`M${c}L${u}`}),e("rect",{class:"gg-op",x:o.x,y:o.y,width:o.width,height:o.height,rx:7}),e("text",{class:"gg-text gg-middle",x:o.x+o.width/2,y:o.y+o.height/2+bt*.36},t.op)}let a=i.y+2+rt*.69,l=i.x+i.width-Ut;s.frame=e("rect",{class:"gg-frame",x:i.x,y:i.y,width:i.width,height:i.height,rx:4}),r||(s.shade=e("rect",{class:"gg-shade",x:i.x+2,y:i.y+2+rt,width:i.width-4,height:rt,rx:2.5}),s.word=e("text",{class:"gg-text gg-small",x:i.x+Ut,y:a+rt},"grad"),s.grad=e("text",{class:"gg-text gg-end",x:l,y:a+rt},"")),t.name&&e("text",{class:`gg-text ${t.faint?"gg-faint":"gg-bold"}`,x:i.x+Ut,y:a},t.name),s.value=e("text",{class:"gg-text gg-end",x:l,y:a},""),s.corner=[i.x+i.width+1,i.y-4]}function fr(n,t,e){let{body:s,lines:o}=n,i=s.width-2*Wt,r=s.height-2*Wt,a=n.kind==="repeat"?[2,1]:[1];for(let c of a)t("rect",{class:"gg-sheet-behind",x:s.x+c*Wt,y:s.y+c*Wt,width:i,height:r,rx:6});e.frame=t("rect",{class:"gg-frame",x:s.x,y:s.y,width:i,height:r,rx:6});let l=s.x+i/2,h=s.y+(r-rt*(1+o.length))/2+rt*.72;t("text",{class:"gg-text gg-bold gg-middle",x:l,y:h},n.title),o.forEach((c,u)=>{t("text",{class:"gg-text gg-small gg-middle",x:l,y:h+rt*(u+1)},c)}),e.track=t("rect",{class:"gg-track",x:s.x+4,y:s.y+r-5,width:i-8,height:3,rx:1.5}),e.done=t("rect",{class:"gg-done",x:s.x+4,y:s.y+r-5,width:0,height:3,rx:1.5}),e.corner=[s.x+i+1,s.y-4],T(e.group,"aria-expanded","false")}function le(n,t,e,s){let{classes:o,value:i,grad:r,hidden:a,shade:l,agreement:h,done:c,bad:u}=s,p=[o,i,r,a,l,h,c,u].join("|");if(n.key===p)return;n.key=p,T(n.group,"class",`gg-box gg-${e.kind} ${s.classes}`),T(n.group,"aria-pressed",e.kind==="node"?String(s.classes.includes("gg-selected")):null);let f;if(e.kind==="node")N(n.value,s.value===null?"":mt(s.value)),n.grad&&(N(n.grad,s.hidden?"?":s.grad===null?"":mt(s.grad)),T(n.shade,"class",`gg-shade gg-${s.shade??"none"}`)),f=hr(t,e.node),s.agreement&&f.push(Ae(t,e.node)??ur[s.agreement]);else{let g=s.done??0;T(n.track,"visibility",s.done===null?"hidden":null),T(n.done,"visibility",s.done===null?"hidden":null),T(n.done,"width",Math.round(g*Number(n.track.getAttribute("width")))),f=[e.title,...e.lines],s.bad&&f.push("holds gradients or values that are not finite")}xs(n,"alert",s.bad?"⚠":null,"gg-alert",-16),xs(n,"check",s.agreement?cr[s.agreement]:null,`gg-check gg-check-${s.agreement}`,0),e.kind!=="node"&&f.push("open with a click or Enter"),N(n.title,f.join(`
`))}function xs(n,t,e,s,o){if(e===null){n[t]?.remove(),n[t]=null;return}if(!n[t]){let[i,r]=n.corner;n[t]=_("g",{},_("circle",{cx:i+o,cy:r,r:6.5}),_("text",{class:"gg-sign gg-middle",x:i+o,y:r+3.4},"")),n.drawn.append(n[t])}T(n[t],"class",s),N(n[t].lastChild,e)}function Ee(n,t){let[e,s]=n.tip,o=n.across?_("text",{class:"gg-slope gg-end",x:e-9,y:s-3},""):_("text",{class:"gg-slope",x:e+4,y:s-8},""),i=_("title",{},""),r=_("path",{class:"gg-line",d:t});return{group:_("g",{class:"gg-wire"},i,r,o),line:r,label:o,title:i}}function Ne(n,t,e,s){let{engine:o}=t,i=e.edge>=0,r=i?t.slope(e.edge):null,a=i&&t.value(o.owner[e.edge])!==null,l=i&&o.kind[o.args[e.edge]]===Se,h=i&&r===null,c=`${s}|${r}|${a}`;if(n.key!==c)if(n.key=c,T(n.group,"class",`gg-wire ${s}`),N(n.label,i?a&&!l?h?"?":v(r,3):"":`×${ot(e.count)}`),!i)N(n.title,ie(e.count,"edge"));else{let u=`∂${o.title(o.owner[e.edge])}/∂${o.title(o.args[e.edge])}`;N(n.title,a?`${u} = ${h?"?":dn(r)}`:u)}}function Oe(n){let t=_("rect",{class:`gg-cluster gg-cluster${n.shade}`,x:n.x,y:n.y,width:n.width,height:n.height,rx:8}),e=_("g",{class:"gg-cluster-name",role:"button",tabindex:-1,"aria-expanded":"true","data-key":n.key,transform:`translate(${n.x} ${n.y})`},_("title",{},`${n.title}
close with a click or Enter`),_("g",{"aria-hidden":"true"},_("rect",{class:`gg-plate gg-cluster${n.shade}`,x:6,y:4,width:fn(n),height:18,rx:4}),_("text",{class:"gg-text gg-bold gg-faint",x:12,y:17},`▾ ${n.title}`)));return{frame:t,name:e}}function fn(n){return Math.min(n.width-12,n.title.length*bt*.78+32)}function pn(n,t,e=1.25,s=16){let o=Math.min(e,Math.max(t.width-2*s,40)/Math.max(n.width,1),Math.max(t.height-2*s,40)/Math.max(n.height,1)),i=Math.max(o,5e-4);return{k:i,x:t.width/2-i*(n.x+n.width/2),y:t.height/2-i*(n.y+n.height/2)}}function pr({k:n,x:t,y:e},s,o,i){let r=Math.min(4,Math.max(5e-4,n*s));return{k:r,x:o-(o-t)*r/n,y:i-(i-e)*r/n}}function gr(n,t,e,s){let o=t.k/n.k;return[o,t.x-n.x*o+e*(1-o),t.y-n.y*o+s*(1-o)]}var Ie=class{constructor(t,e,s,{rebased:o,clicked:i,alone:r=!0,unheld:a=()=>{}}){Object.assign(this,{frame:t,sheet:e,world:s,rebased:o,clicked:i,alone:r,unheld:a}),this.held=r,this._mark(),this.now={k:1,x:0,y:0},this.base=null,this.pointers=new Map,this.width=t.clientWidth||800,this.height=t.clientHeight||500,this._resize(),this.offs=[];let l=(h,c,u)=>{t.addEventListener(h,c,u),this.offs.push(()=>t.removeEventListener(h,c,u))};l("wheel",h=>this._wheel(h),{passive:!1}),l("pointerdown",h=>this._down(h)),l("pointermove",h=>this._move(h)),l("pointerup",h=>this._up(h)),l("pointercancel",h=>this._up(h,!0)),r||this._release(l),this.watcher=new ResizeObserver(()=>this._sized()),this.watcher.observe(t)}get region(){let{k:t,x:e,y:s}=this.base,o=(-this.overX-e)/t,i=(-this.overY-s)/t;return[o,i,o+(this.width+2*this.overX)/t,i+(this.height+2*this.overY)/t]}point(t,e){let s=this.frame.getBoundingClientRect();return[(t-s.left-this.now.x)/this.now.k,(e-s.top-this.now.y)/this.now.k]}holds(t,e=10){let{k:s,x:o,y:i}=this.now;return t.x*s+o>=e&&t.y*s+i>=e&&(t.x+t.width)*s+o<=this.width-e&&(t.y+t.height)*s+i<=this.height-e}go(t,e=!1){if(cancelAnimationFrame(this.gliding),!e||globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches||!this.base){this.now=t,this.rebase();return}let o=this.now,i=performance.now(),r=a=>{let l=Math.min(1,Math.max(0,(a-i)/180)),h=l*l*(3-2*l),c=o.k*(t.k/o.k)**h,u=(p,f)=>p+(f-p)*h;this._show({k:c,x:u(o.x,t.x),y:u(o.y,t.y)}),l<1?this.gliding=requestAnimationFrame(r):this.rebase()};this.gliding=requestAnimationFrame(r)}zoomBy(t,e=this.width/2,s=this.height/2){this._later(pr(this.target??this.now,t,e,s))}panBy(t,e){let{k:s,x:o,y:i}=this.target??this.now;this._later({k:s,x:o+t,y:i+e})}rebase(){clearTimeout(this.timer),this.base={...this.now};let{k:t,x:e,y:s}=this.base;this.world.setAttribute("transform",`translate(${e+this.overX} ${s+this.overY}) scale(${t})`),this.sheet.style.transform="",this.rebased()}_later(t){cancelAnimationFrame(this.gliding),this.target=t,this.frameAsked??=requestAnimationFrame(()=>{this.frameAsked=null;let e=this.target;this.target=null,e&&this._show(e)})}_show(t){this.now=t;let[e,s,o]=gr(this.base,t,this.overX,this.overY);if(!(s<=this.overX&&o<=this.overY&&s+(this.width+2*this.overX)*e>=this.overX+this.width&&o+(this.height+2*this.overY)*e>=this.overY+this.height)&&!this.whole?.()||e>2.5||e<.3){this.rebase();return}this.sheet.style.transform=`matrix(${e},0,0,${e},${s},${o})`,this._rest()}_rest(){clearTimeout(this.timer),this.timer=setTimeout(()=>this.pointers.size?this._rest():this.rebase(),160)}_sized(){let{clientWidth:t,clientHeight:e}=this.frame;!t||!e||t===this.width&&e===this.height||(this.now={...this.now,x:this.now.x+(t-this.width)/2,y:this.now.y+(e-this.height)/2},this.width=t,this.height=e,this._resize(),this.base&&this.rebase(),this.resized?.())}_resize(){this.overX=Math.round(this.width*.6),this.overY=Math.round(this.height*.6);let{style:t}=this.sheet;t.left=`${-this.overX}px`,t.top=`${-this.overY}px`,t.width=`${this.width+2*this.overX}px`,t.height=`${this.height+2*this.overY}px`}_release(t){t("pointerleave",o=>o.pointerType==="mouse"&&!this.pointers.size&&this._hold(!1));let e=o=>o.composedPath().includes(this.frame)||this._hold(!1),s=()=>this._hold(!1);document.addEventListener("pointerdown",e,!0),globalThis.addEventListener("blur",s),this.offs.push(()=>document.removeEventListener("pointerdown",e,!0),()=>globalThis.removeEventListener("blur",s))}_hold(t){this.alone||t===this.held||(this.held=t,this._mark())}_mark(){this.frame.toggleAttribute("data-held",this.held)}_wheel(t){if(!this.held&&!t.ctrlKey&&!t.metaKey){this.unheld();return}t.preventDefault();let e=this.frame.getBoundingClientRect(),s=t.deltaMode===1?16:t.deltaMode===2?this.height:1,o=t.deltaY*s*(t.ctrlKey?6:1);this.zoomBy(Math.exp(-Math.max(-400,Math.min(400,o))*.0016),t.clientX-e.left,t.clientY-e.top)}_down(t){t.button!==0||t.target.closest?.("button")||(t.pointerType==="mouse"&&this._hold(!0),this.pointers.set(t.pointerId,{x:t.clientX,y:t.clientY}),this.slipped=this.pointers.size>1?1/0:0)}_move(t){let e=this.pointers.get(t.pointerId);if(!e)return;let s=this._hand();if(this.slipped+=Math.abs(t.clientX-e.x)+Math.abs(t.clientY-e.y),e.x=t.clientX,e.y=t.clientY,this.slipped<5)return;this.frame.hasPointerCapture(t.pointerId)||this.frame.setPointerCapture(t.pointerId);let o=this._hand(),i=this.frame.getBoundingClientRect();this.panBy(o.x-s.x,o.y-s.y),s.spread>0&&o.spread>0&&this.zoomBy(o.spread/s.spread,o.x-i.left,o.y-i.top)}_up(t,e=!1){this.pointers.delete(t.pointerId)&&(e||this.slipped>=5||this.pointers.size||(this._hold(!0),this.clicked(t)))}_hand(){let t=[...this.pointers.values()],e=t.reduce((o,i)=>o+i.x,0)/t.length,s=t.reduce((o,i)=>o+i.y,0)/t.length;return{x:e,y:s,spread:t.length>1?Math.hypot(t[0].x-e,t[0].y-s):0}}destroy(){clearTimeout(this.timer),cancelAnimationFrame(this.gliding),this.frameAsked&&cancelAnimationFrame(this.frameAsked),this.watcher.disconnect();for(let t of this.offs)t()}};var mr=["fill","stroke","stroke-width","stroke-dasharray","stroke-linecap","stroke-linejoin","paint-order","font-family","font-size","font-weight","text-anchor"],wr={stroke:"none","stroke-dasharray":"none","stroke-linecap":"butt","stroke-linejoin":"miter","paint-order":"normal","font-weight":"400","text-anchor":"start"},br=new Set(["font-family","font-size","font-weight","text-anchor"]),xr=4e7,ys=16e3,ze=24,vs=14,yr=6;function he(n){return new XMLSerializer().serializeToString(gn(n))}function gn(n,t=!1){let{picture:e,session:s,frame:o}=n,i=s.changes?.text??[],r=Math.ceil(Math.max(e.width,...i.map(w=>28+yr*w.length))),a=Math.ceil(e.height),l=a+ze+vs*i.length,h=_("g"),c=_("svg",{xmlns:"http://www.w3.org/2000/svg",viewBox:`0 0 ${r} ${l}`,width:r,height:l,role:"img"},_("title",{},s.whole.title??""),_("rect",{class:"gg-paper",x:0,y:0,width:r,height:l,fill:"#ffffff"}),h),u=e.clusters.slice(1).map(Oe);h.append(...u.map(w=>w.frame));let p=s.selected===null?-1:n.view.boxOf[s.selected];for(let w of e.wires){let x=Ee(w,Gt(w,e.at));Ne(x,s,w,w.from===p||w.to===p?"gg-near":""),h.append(x.group)}h.append(...u.map(w=>w.name)),e.boxes.forEach((w,x)=>{let $=Te(s,w),A=n._state(x);le($,s,w,A),t&&A.hidden&&($.grad.textContent=""),h.append($.group)}),h.append(n.layers.marks.cloneNode(!0));let f=_("g",{transform:`translate(14 ${a})`});f.append(...[...n.legend.childNodes].map(w=>w.cloneNode(!0))),c.append(f),i.forEach((w,x)=>{let $={x:14,y:a+ze+vs*x+8};c.append(_("g",{class:"gg-story"},_("text",{class:"gg-text gg-small",...$},w)))});let g=document.createElement("div");g.className="gg-view",g.style.visibility="hidden",g.append(c);let{host:m}=o.getRootNode(),b=m?.hasAttribute("data-dark");o.parentNode.append(g);try{b&&m.removeAttribute("data-dark"),vr(c)}finally{b&&m.setAttribute("data-dark",""),c.remove(),g.remove()}return c}function vr(n){let t=new Map,e=[];for(let s of n.querySelectorAll("rect, path, text, circle")){if(s.getAttribute("class")==="gg-paper")continue;let o=s.parentNode.closest("[class]").getAttribute("class"),i=`${s.localName} ${s.getAttribute("class")} ${o}`;t.has(i)||t.set(i,$r(s.localName,getComputedStyle(s))),e.push([s,t.get(i)])}for(let[s,o]of e){for(let[i,r]of o)s.setAttribute(i,r);s.getAttribute("paint-order")==="stroke"&&kr(s)}for(let s of n.querySelectorAll("*"))for(let{name:o}of[...s.attributes])(o==="class"||o==="tabindex"||o==="role"||o.startsWith("aria-")||o.startsWith("data-"))&&s.removeAttribute(o)}function kr(n){let t=n.cloneNode(!0);n.before(t);for(let e of["stroke","stroke-width","stroke-linejoin"])n.removeAttribute(e);for(let e of[t,n])e.removeAttribute("paint-order")}function $r(n,t){let e=[];for(let s of mr){if(br.has(s)&&n!=="text")continue;let o=t.getPropertyValue(s);!o||o===wr[s]||s.startsWith("stroke-")&&t.getPropertyValue("stroke")==="none"||e.push([s,o])}return e}function Mr(n,t){return Math.min(2,Math.sqrt(xr/(n*t)),ys/n,ys/t)}async function ks(n){let t=he(n),{width:e,height:s}=n.picture,o=Mr(e,s+ze),i=new Image;await new Promise((a,l)=>{i.onload=a,i.onerror=()=>l(new Error("the browser cannot draw this picture")),i.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`});let r=document.createElement("canvas");return r.width=Math.max(1,Math.round(e*o)),r.height=Math.max(1,Math.round((s+ze)*o)),r.getContext("2d").drawImage(i,0,0,r.width,r.height),new Promise((a,l)=>{r.toBlob(h=>h?a(h):l(new Error("the picture is too large")),"image/png")})}var _r=6;function Ms({picture:n,view:t,ins:e,session:s,change:o}){let i=[];if(o){let a=t.boxOf[o.node],l=n.boxes[a];i.push(_("path",{class:"gg-pointer",d:Sr(l,o.phase==="forward")}));let h=new Map(o.operands.map(c=>[c.edge,c]));for(let c of e[a]){let u=n.wires[c];l.kind!=="node"&&!o.operands.some(({id:p})=>t.boxOf[p]===u.from)||(i.push(_("path",{class:"gg-active",d:re(u.route,n.at)})),o.phase==="backward"&&i.push(...Ar(n,u,h.get(u.edge))))}}let r=s.mistake?.first??null;if(r!==null){let a=n.boxes[t.boxOf[r]],l=`first wrong: right is ${mt(s.mistake.right[r])}`;i.push(_("text",{class:"gg-amount",x:a.x+a.body.x,y:a.y+a.height+12},l))}return i}function Ar({at:n},t,e){if(e&&!e.sent)return[];let s=t.route.map((l,h)=>h%2?l+_r:l),[o,i]=n(s[0],s[1]),{across:r}=t,a=[_("path",{class:"gg-flow",d:re(s,n)}),_("path",{class:"gg-flow-head",d:r?`M${o} ${i}l8 -4v8z`:`M${o} ${i}l-4 8h8z`})];if(e){let l={x:o+(r?10:8),y:i+(r?13:18)};a.push(_("text",{class:"gg-amount",...l},Zn(e.amount)))}return a}function Sr({x:n,y:t,width:e},s){let o=s?7:-7;return`M${n+e/2+o} ${t-10}l${-2*o} -6v12z`}function _s(n){if(!n)return{width:0,parts:[]};let t=(a,l)=>_("text",{class:"gg-text gg-small gg-faint",x:a,y:11},l),e=[4,3,2,1].map(a=>`minus${a}`).concat("zero",[1,2,3,4].map(a=>`plus${a}`)),s=`grad ${mt(-n)}`,o=s.length*5.6+6,i=(a,l)=>_("rect",{class:`gg-${a}`,x:o+12*l,y:2,width:11,height:11,rx:1.5}),r=o+12*e.length;return{width:r+70,parts:[t(0,s),...e.map(i),t(r+4,mt(n))]}}var Le=class{constructor(t){this.layer=t,this.paths=new Map}clear(){this.paths.clear(),this.layer.replaceChildren()}show({bundled:t,far:e,picture:s,session:o,largest:i}){if(t===null){this.paths.size&&this.clear();return}let r=new Map([...this.paths.keys()].map(h=>[h,""]));r.set("lines",t);let a="";for(let{x:h,y:c,body:u,badge:p,kind:f,node:g}of e?s.boxes:[]){let m=$s(h+u.x,c+u.y,u.width,u.height);a+=m,p&&(a+=$s(h+p.x,c+p.y,p.width,p.height));let b=f==="node"?o.grad(g):null;if(b===null)continue;let w=ve(b,i);r.set(w,(r.get(w)??"")+m)}r.set("frames",a);let l=["lines","frames"];for(let h of[...l,...[...r.keys()].filter(c=>!l.includes(c))])this.paths.has(h)||(this.paths.set(h,_("path",{class:`gg-${h}`})),this.layer.append(this.paths.get(h))),T(this.paths.get(h),"d",r.get(h))}};function $s(n,t,e,s){return`M${n} ${t}h${e}v${s}h${-e}z`}var Tr={ArrowUp:"ArrowLeft",ArrowLeft:"ArrowUp",ArrowDown:"ArrowRight",ArrowRight:"ArrowDown"};function As({boxes:n,wires:t},e,s,o,i,r){let a=r==="TB"?Tr[i]:i,l=e[o].length?t[e[o][0]].from:null,h=s[o].length?t[s[o][0]].to:null;return a==="ArrowLeft"?l:a==="ArrowRight"?h:Er(n,o,a==="ArrowUp"?-1:1,r)??(a==="ArrowUp"?l:h)}function Er(n,t,e,s){let[o,i]=s==="TB"?["y","x"]:["x","y"],[r,a]=s==="TB"?["height","width"]:["width","height"],l=p=>p[i]+p[a]/2,h=n[t],c=null,u=1/0;return n.forEach((p,f)=>{let g=e*(l(p)-l(h)),m=Math.max(p[o]-h[o]-h[r],h[o]-p[o]-p[r]);g<=0||g>=u||m>=0||(u=g,c=f)}),c}var Ss=300,Nr=40,mn=6e3,Or=12,Ts=12,Es=32,Ns=2,Be=class{constructor(t){this.engine=t,this.groups=t.document.groups??[],this.units=[{key:"",kind:"root",title:"",parent:-1,children:null}],this._adopt(),this._plant(),this._untangle(),this._banded(),this._number(),this.byKey=new Map(this.units.map((e,s)=>[e.key,s]))}initial(){return this.engine.n<=Nr?this.all():new Set}all(t=mn){let e=new Set,s=this.units[0].children.length,o=[0];for(;o.length;){let i=[];for(let r of o)for(let a of this.units[r].children){if(a>=0)continue;let l=this.units[-1-a];s+l.children.length>t||(s+=l.children.length-1,e.add(l.key),i.push(-1-a))}o=i}return e}reveal(t){let e=[];for(let s=this.home[t];s>0;s=this.units[s].parent)e.push(this.units[s].key);return e.reverse()}around(t){let e=this.byKey.get(t);return e!==void 0?e>0?this.units[this.units[e].parent].key:"":this.units[this.home[Number(t.slice(1))]].key}view(t){let e=[],s=[{key:"",kind:"root",title:"",parent:-1}],o=new Int32Array(this.engine.n),i=[[0,0]];for(;i.length;){let[r,a]=i.pop();for(let l of this.units[r].children){if(l>=0){o[l]=e.length,e.push({key:`n${l}`,kind:"node",node:l,count:1,cluster:a,ports:0});continue}let h=this.units[-1-l];if(t.has(h.key)){i.push([-1-l,s.length]),s.push({key:h.key,kind:h.kind,title:h.title,parent:a});continue}for(let c=h.from;c<h.to;c++)o[this.order[c]]=e.length;e.push({...this._described(h),cluster:a,ports:0})}}return{boxes:e,clusters:s,wires:this._wires(e,o),boxOf:o}}_wires(t,e){let{start:s,args:o,n:i}=this.engine,r=[],a=new Map;for(let l=0;l<i;l++){let h=e[l],c=t[h].kind==="node";c&&(t[h].ports=s[l+1]-s[l]);for(let u=s[l];u<s[l+1];u++){let p=e[o[u]];if(p===h)continue;if(c&&t[p].kind==="node"){r.push({from:p,to:h,port:u-s[l],edge:u,count:1});continue}let f=(c?s[i]+u:p)*t.length+h,g=a.get(f);if(g){g.count++,g.edge=-1;continue}let m={from:p,to:h,port:c?u-s[l]:t[h].ports++,edge:u,count:1};a.set(f,m),r.push(m)}}return r}_described(t){return t.box??={key:t.key,kind:t.kind,nodes:this.order.subarray(t.from,t.to),count:t.to-t.from,times:t.times??1,title:t.title,lines:this._lines(t)},t.box}_lines(t){let e=t.to-t.from,s=[t.times?`${t.times} × ${ie(e/t.times,"node")}`:ie(e,"node")],o=t.children.filter(p=>p<0).map(p=>this.units[-1-p]);if(t.kind==="group"&&o.length&&o.length<=2)return s.push(o.map(p=>p.times?p.title:it(p.title,16)).join(", ")),s;let{op:i,document:r,kind:a}=this.engine,l=new Map;for(let p=t.from;p<t.to;p++){let f=this.order[p],g=i[f]>=0?yt(r.ops[i[f]].symbol):a[f]===Ns?"constant":"leaf";l.set(g,(l.get(g)??0)+1)}let h=[...l].sort((p,f)=>f[1]-p[1]||(p[0]<f[0]?-1:1)),c=(p,f)=>f===1?p:p==="leaf"?"leaves":p==="constant"?"constants":p,u=h.slice(0,3).map(([p,f])=>`${Qn(f)} ${it(c(p,f),12)}`);return s.push(u.join(", ")+(h.length>3?", …":"")),s}_adopt(){let{engine:t}=this;this.groupOf=Int32Array.from(t.document.nodes.group);for(let e=t.n-1;e>=0;e--)t.kind[e]!==Ns||this.groupOf[e]>=0||t.useStart[e]===t.useStart[e+1]||(this.groupOf[e]=this.groupOf[t.owner[t.useEdges[t.useStart[e]]]])}_plant(){let{groups:t,groupOf:e,units:s}=this,o=new Int32Array(t.length);t.forEach((i,r)=>{o[r]=s.length;let a=i.parent<0?0:o[i.parent];s.push({key:`g${r}`,kind:"group",title:it(i.name,Es),name:i.name,parent:a})}),this.home=e.map(i=>i<0?0:o[i]),this._stack(this._signatures())}_signatures(){let{units:t,home:e,engine:s}=this,o=t.map(()=>new Map);for(let i=0;i<s.n;i++){let r=o[e[i]],a=s.op[i]<0?-s.kind[i]:s.op[i];r.set(a,(r.get(a)??0)+1)}for(let i=t.length-1;i>0;i--){let r=o[t[i].parent];for(let[a,l]of o[i])r.set(a,(r.get(a)??0)+l)}return o.map(i=>[...i].sort((r,a)=>r[0]-a[0]).map(([r,a])=>`${r}x${a}`).join(","))}_stack(t){let{units:e}=this,s=new Map;for(let a=1;a<e.length;a++){let l=e[a].name.replace(/[\s_#[(.-]*\d+[\])]?$/u,"");if(l===e[a].name||!t[a])continue;let h=`${e[a].parent}|${t[a]}|${l}`;s.has(h)||s.set(h,[]),s.get(h).push(a)}let o=new Int32Array(e.length).fill(-1),i=[...s.values()].filter(a=>a.length>1);i.forEach((a,l)=>a.forEach(h=>o[h]=l));let r=this._following(o);for(let[a,l]of i.entries()){if(l.length<=Or&&r.has(a))continue;let{name:h,parent:c}=e[l[0]],p=`${it(h.replace(/[\s_#[(.-]*\d+[\])]?$/u,"")||h,Es)} ×${l.length}`;for(let f of l)e[f].parent=e.length;e.push({key:`r${e[l[0]].key}`,kind:"repeat",title:p,parent:c,times:l.length})}}_following(t){let{n:e}=this.engine,{pairs:s}=this._pairs(),o=new Set;for(let i=0;i<s.length;i+=2){if(s[i]<e||s[i+1]<e)continue;let r=t[s[i]-e];r>=0&&r===t[s[i+1]-e]&&o.add(r)}return o}_untangle(){let t=new Set;for(;;){let{pairs:e,items:s}=this._pairs(),o=ns(s,e);if(!o.length)break;let i=o.filter(a=>a>=this.engine.n).map(a=>a-this.engine.n),r=i.filter(a=>this.units[a].kind==="repeat");for(let a of r.length?r:i)t.add(a);this._dissolve(t)}}_dissolve(t){let{units:e,home:s}=this,o=i=>{for(;t.has(i);)i=e[i].parent;return i};for(let i=0;i<s.length;i++)s[i]=o(s[i]);for(let i=1;i<e.length;i++)t.has(i)||(e[i].parent=o(e[i].parent));this.gone=t}_pairs(){let{units:t,home:e,engine:s}=this,{n:o}=s,i=new Int32Array(t.length).fill(-1);i[0]=0;for(let a=1;a<t.length;a++){let l=[],h=a;for(;i[h]<0;h=t[h].parent)l.push(h);for(let c=l.length-1;c>=0;c--)i[l[c]]=i[t[l[c]].parent]+1}let r=new Int32Array(2*s.edges);for(let a=0;a<s.edges;a++){let l=s.args[a],h=s.owner[a],c=e[l],u=e[h];for(;c!==u;)i[c]>=i[u]?(l=o+c,c=t[c].parent):(h=o+u,u=t[u].parent);r[2*a]=l,r[2*a+1]=h}return{pairs:r,items:o+t.length}}_banded(){let{units:t,home:e,engine:s}=this,{n:o}=s,{pairs:i,items:r}=this._pairs();this.rank=ke(r,i);let a=t.map(()=>[]);for(let c=0;c<o;c++)a[e[c]].push(c);for(let c=1;c<t.length;c++)this.gone?.has(c)||a[t[c].parent].push(-1-c);let l=new Uint8Array(t.length);for(let c=0;c<o;c++)for(let u=e[c];u>=0&&!l[u];u=t[u].parent)l[u]=1;let h=t.length;for(let c=0;c<h;c++)t[c].children=a[c].filter(u=>u>=0||l[-1-u]);for(let c=0;c<t.length;c++)this._cut(c)}_rankOf(t){return this.rank[t>=0?t:this.engine.n-1-t]}_cut(t){let e=this.units[t];if(e.children.length<=Ss)return;let s=e.children.map(f=>this._rankOf(f)),o=1/0,i=-1/0;for(let f of s)o=Math.min(o,f),i=Math.max(i,f);let r=e.kind==="band"?e.shift:o;if(o===i){this._slices(t,o,r);return}let a=Array.from({length:i-o+1},()=>[]);e.children.forEach((f,g)=>a[s[g]-o].push(f));let l=e.children.length/Ts,h=[],c=[],u=0,p=f=>{c.length===1?h.push(c[0]):c.length&&h.push(this._band(t,c,o+u,o+f,r)),c=[]};a.forEach((f,g)=>{c.length&&c.length+f.length>1.5*l&&p(g-1),c.length||(u=g);for(let m of f)c.push(m);c.length>=l&&p(g)}),p(a.length-1),e.children=h}_slices(t,e,s){let o=this.units[t],{children:i}=o,r=Math.ceil(i.length/Math.min(Ts,Math.ceil(i.length/(Ss/3)))),a=o.slice??0,l=[];for(let h=0;h<i.length;h+=r){let c=i.slice(h,h+r);l.push(this._band(t,c,e,e,s,a+h))}o.children=l}_band(t,e,s,o,i,r=null){let{units:a}=this,l=a[t].kind==="band"?a[t].outer:a[t].key,h=s===o?ot(s-i):`${ot(s-i)}–${ot(o-i)}`,c=r===null?"":`, ${ot(r+1)}–${ot(r+e.length)}`,u=`b${l}:${s}-${o}${r===null?"":`/${r}+${e.length}`}`,p=a.push({key:u,kind:"band",title:`depth ${h}${c}`,parent:t,children:e,outer:l,shift:i,slice:r})-1;for(let f of e)f>=0?this.home[f]=p:a[-1-f].parent=p;return-1-p}_number(){let{units:t}=this;this.order=new Int32Array(this.engine.n);let e=0,s=[{u:0,k:0}];for(t[0].from=0;s.length;){let o=s.at(-1),i=t[o.u];if(o.k===i.children.length){i.to=e,s.pop();continue}let r=i.children[o.k++];r>=0?this.order[e++]=r:(t[-1-r].from=e,s.push({u:-1-r,k:0}))}}};var Ir=12,zr=1600,Lr=/Mac|iP/.test(globalThis.navigator?.platform??""),Br=Lr?"⌘ + wheel zooms. So does the wheel after a click.":"Ctrl + wheel zooms. So does the wheel after a click.",Os=[{side:"left",text:"← more",name:"Show more to the left"},{side:"right",text:"more →",name:"Show more to the right"},{side:"up",text:"↑ more",name:"Show more above"},{side:"down",text:"↓ more",name:"Show more below"}],Cr={left:[1,0],right:[-1,0],up:[0,1],down:[0,-1]};function Rr(n){let t=Math.min(...n.map(i=>i.x)),e=Math.min(...n.map(i=>i.y)),s=Math.max(...n.map(i=>i.x+i.width)),o=Math.max(...n.map(i=>i.y+i.height));return{x:t,y:e,width:s-t,height:o-e}}function zs(n,t,{width:e,height:s}){return t.reduce((o,i)=>{let r=Rr([o,i]);return r.width<=e&&r.height<=s?r:o},n)}function Ls(n,{width:t,height:e}){return{k:1,x:t/2-n.x-n.width/2,y:e/2-n.y-n.height/2}}function Bs({k:n,x:t,y:e},s,o,i){return{k:n,x:Is(t,s.width*n,0,o.width),y:Is(e,s.height*n,i,o.height)}}function Is(n,t,e,s){return t<=s-e?(e+s-t)/2:Math.min(e,Math.max(s-t,n))}function Cs({k:n,x:t,y:e},s,{width:o,height:i}){let[r,a]=Cr[s];return{k:n,x:t+.75*r*o,y:e+.75*a*i}}var Ce=class{constructor(t){this.more=Os.map(({side:e,text:s,name:o})=>O(s,()=>t(e),{class:`gg-more gg-more-${e}`,"aria-label":o,hidden:!0})),this.told=d("p",{class:"gg-told","aria-hidden":"true",hidden:!0},Br),this.elements=[...this.more,this.told]}update({k:t,x:e,y:s},o,i){let r={left:-e,right:e+o.width*t-i.width,up:-s,down:s+o.height*t-i.height};Os.forEach(({side:a},l)=>this.more[l].hidden=r[a]<Ir)}tell(){this.told.hidden=!1,clearTimeout(this.timer),this.timer=setTimeout(()=>this.told.hidden=!0,zr)}stop(){clearTimeout(this.timer)}};var Rs=450,Lt=.34,jr=60,Fr=.8,Pr=9,qr=400,Dr=3,Ur=6,Wr=1.1,js=12,ce=36,wn=2,Gr=1,Fs=Pr/ae,ue=class{static keys=[{shown:"← →",text:"along the edges: to operands, to users"},{shown:"↑ ↓",text:"to the boxes beside"},{shown:"Enter",text:"select a node, open a group"},{shown:"Backspace",text:"close the group around"},{shown:"drag",text:"move"},{shown:"Ctrl + wheel, pinch",text:"zoom; after a click into the graph the wheel alone does"}];constructor(t,e,{direction:s="auto",alone:o=!0}={}){this.session=t,this.container=e,this.outline=new Be(t.engine),this.asked=s,this.elements=new Map,this.lines=new Map,this.agreement=new Map,this._build(o),this.unsized=!this.frame.clientWidth,this._choose(),this.off=t.on("*",(i,r)=>this._stale(r)),this.camera.resized=()=>this._resized(),this.begin()}_build(t){let e=i=>_("g",{class:i});this.layers={clusters:e("gg-clusters"),overview:_("g",{class:"gg-overview","aria-hidden":"true"}),wires:_("g",{class:"gg-wires","aria-hidden":"true"}),names:e("gg-names"),boxes:e("gg-boxes"),marks:_("g",{class:"gg-marks","aria-hidden":"true"})},this.overview=new Le(this.layers.overview),this.world=_("g",{},...Object.values(this.layers)),this.svg=_("svg",{class:"gg-sheet",role:"application","aria-label":"Graph; arrow keys follow the edges"},this.world),this.legend=_("svg",{class:"gg-legend",height:16,width:0,"aria-hidden":"true"});let s=(i,r,a)=>O(i,a,{"aria-label":r,title:r});this.turn=s("⤵","From left to right, or from top to bottom",()=>this.turnTo(this.direction==="LR"?"TB":"LR")),this.tools=d("div",{class:"gg-tools"},this.opener=s("Open all","Open all groups",()=>this.openAll()),this.closer=s("Close all","Close all groups",()=>this.closeAll()),this.turn,s("−","Zoom out",()=>this.zoomBy(1/1.4)),s("+","Zoom in",()=>this.zoomBy(1.4)),s("Fit","Fit the whole graph",()=>this.fit(!0))),this.hints=new Ce(i=>this._further(i)),this.frame=d("div",{class:"gg-view"},this.svg,this.legend,this.tools,this.hints.elements),this.container.append(this.frame),this.camera=new Ie(this.frame,this.svg,this.world,{rebased:()=>this._show(),clicked:i=>this._clicked(i),alone:t,unheld:()=>this.hints.tell()}),this.camera.whole=()=>this._whole(),this.frame.addEventListener("keydown",i=>this._key(i)),this.frame.addEventListener("click",i=>i.detail===0&&this._act(i.target.closest?.("[data-key]"))),this.frame.addEventListener("focusin",i=>this._focused(i.target));let o=this.outline.units.length>1;this.opener.hidden=!o,this.closer.hidden=!o}relayout(){this.view=this.outline.view(this.opened),this.picture=hs(this.session.engine,this.view,this.direction);let{boxes:t,wires:e}=this.picture;this.placeOf=new Map(t.map((s,o)=>[s.key,o])),this.ins=t.map(()=>[]),this.outs=t.map(()=>[]),e.forEach((s,o)=>{this.ins[s.to].push(o),this.outs[s.from].push(o)});for(let s of this.ins)s.sort((o,i)=>e[o].port-e[i].port);this.elements.clear(),this.lines.clear();for(let s of Object.values(this.layers))s.replaceChildren();this.clusters=this.picture.clusters.map((s,o)=>o?Oe(s):null);for(let s of this.clusters)s&&(this.layers.clusters.append(s.frame),this.layers.names.append(s.name));this.bundle=null,this.overview.clear(),this.focus=this.placeOf.has(this.focus)?this.focus:`n${this.session.engine.root}`,this.placeOf.has(this.focus)||(this.focus=t[this.view.boxOf[this.session.engine.root]].key),this.camera.base&&this._show()}_choose(){let{asked:t}=this,e=t==="auto"?["LR","TB"]:[t],s=this.outline.initial(),o=s.size&&this.outline.units[0].children.length>=Dr?[s,new Set]:[s],i=null;for(let r of o)for(let a of e){if(i&&this.picture.boxes.length>qr)break;this._lay(r,a);let{k:l}=this._fitting();if(l>=Fs)return;(i===null||r===s&&l>i.k*Wr)&&(i={opened:r,direction:a,k:l})}(this.opened!==i.opened||this.direction!==i.direction)&&this._lay(i.opened,i.direction)}_lay(t,e){this.opened=t,this.direction=e,this.relayout()}turnTo(t){this.direction=t,this.relayout(),this.fit()}open(t){if(this.opened.has(t)||!this.outline.byKey.has(t))return;this.opened.add(t),this._within(t),this.relayout();let e=this.picture.clusters.find(s=>s.key===t);e&&this._look(e)}_within(t){for(let e=this.outline.around(t);e;e=this.outline.around(e))this.opened.add(e)}close(t){if(!this.opened.delete(t))return;this.focus=t,this.relayout();let e=this.picture.boxes[this.placeOf.get(t)];e&&this._look(e)}openAll(){this.opened=this.outline.all(mn),this.relayout(),this.fit()}closeAll(){this.opened=new Set,this.relayout(),this.fit()}reveal(t){let e=this.outline.reveal(t).filter(s=>!this.opened.has(s));if(!e.length)return!1;for(let s of e)this.opened.add(s);return this.relayout(),!0}_size(){return{width:this.picture.width,height:this.picture.height}}fit(t=!1){this.camera.go(this._fitting(),t),this.fits="whole"}begin(){if(this._fitting().k>=Fs)this.fit();else{let{node:t}=this.session.shown.last??this.session.engine.steps[0],{boxes:e,wires:s}=this.picture,o=this.view.boxOf[t],[i,...r]=[...this.ins[o].map(u=>s[u].from),o].map(u=>e[u]),{width:a,height:l}=this.camera,h={width:a-2*js,height:l-ce-2*js},c=zs(i,[e[o],...r,...e],h);this.camera.go(this._clamped(Ls(c,{width:a,height:l+ce})))}this.fits="first"}_resized(){this.fits==="whole"&&this.fit(),this.fits==="first"&&(this.unsized&&this._choose(),this.unsized=!1,this.begin())}_further(t){this.fits=null,this.camera.go(this._clamped(Cs(this.camera.now,t,this.camera)),!0)}_clamped(t){return Bs(t,this.picture,this.camera,ce)}_fitting(){let{width:t,height:e}=this.camera,s=pn({x:0,y:0,...this._size()},{width:t,height:e-ce});return{...s,y:s.y+ce}}zoomBy(t){this.fits=null,this.camera.zoomBy(t)}panBy(t,e){this.fits=null,this.camera.panBy(t,e)}center(t){let e=this.reveal(t),s=this.picture.boxes[this.view.boxOf[t]];if(this.focus=s.key,!e&&this.camera.now.k>=Lt&&this.camera.holds(s)){this.refresh();return}this._middle(s,Math.max(this.camera.now.k,Fr),!e)}_middle(t,e,s=!0){let{width:o,height:i}=this.camera;this.fits=null;let r=o/2-e*(t.x+t.width/2),a=i/2-e*(t.y+t.height/2);this.camera.go(this._clamped({k:e,x:r,y:a}),s)}_look(t){if(this._fitting().k>=.6){this.fit();return}let e=pn(t,this.camera,Math.max(this.camera.now.k,.6),24);e.k<.45&&this.picture.boxes.length<=300&&(e.k=Math.max(e.k,Math.min(.45,e.k*2))),this.fits=null,this.camera.go(e)}_whole(){let[t,e,s,o]=this.camera.region;return t<=0&&e<=0&&s>=this.picture.width&&o>=this.picture.height}_show(){let{boxes:t,wires:e}=this.picture,[s,o,i,r]=this.camera.region,a=(c,u,p,f)=>c<=i&&p>=s&&u<=r&&f>=o,l=[];t.forEach((c,u)=>{a(c.x-10,c.y-10,c.x+c.width+10,c.y+c.height+10)&&l.push(u)}),this.far=l.length>Rs;let{k:h}=this.camera.base;T(this.world,"class",h<Lt&&(l.length>jr||h<Lt/2)?"gg-far":null),this.wanted=new Set(this.far?[]:l),this.wires=new Map,this.far||e.forEach((c,u)=>{let p=cs(c,this.camera.region);p&&this.wires.set(u,p)}),this.hints.update(this.camera.now,this.picture,this.camera),this.bundled=null,this.far?this.bundled=this.bundle??=e.map(c=>Gt(c,this.picture.at)).join(""):this.wires.size>2*Rs&&(this.bundled=[...this.wires].map(([c,u])=>Gt(e[c],this.picture.at,...u)).join(""),this.wires.clear()),this.refresh()}refresh(){if(!this.camera.base)return;let{session:t}=this;this._scale(),this._work(),this._follow();let e=new Set([this.placeOf.get(this.focus),...this.working]);t.selected!==null&&e.add(this.view.boxOf[t.selected]),t.mistake?.first!=null&&e.add(this.view.boxOf[t.mistake.first]),this._keep(this.elements,new Set([...this.wanted,...e]),this.layers.boxes,o=>this._newBox(o)),this._keep(this.lines,this.wires,this.layers.wires,o=>Ee(this.picture.wires[o],""));for(let[o,i]of this.elements)le(i,t,this.picture.boxes[o],this._state(o));let s=t.selected===null?-1:this.view.boxOf[t.selected];for(let[o,i]of this.lines){let r=this.picture.wires[o],[a,l]=this.wires.get(o);(i.first!==a||i.last!==l)&&(Object.assign(i,{first:a,last:l}),i.line.setAttribute("d",Gt(r,this.picture.at,a,l))),Ne(i,t,r,r.from===s||r.to===s?"gg-near":"")}this.overview.show(this),B(this.layers.marks,Ms(this)),this._legend(),this._check()}_newBox(t){let e=Te(this.session,this.picture.boxes[t]);return this.picture.boxes[t].key===this.focus&&e.group.setAttribute("tabindex",0),e}_keep(t,e,s,o){for(let[i,r]of t)e.has(i)||(r.group.remove(),t.delete(i));for(let i of e.keys()){if(i===void 0||t.has(i))continue;let r=o(i);t.set(i,r),s.append(r.group)}}_scale(){this.largest=0;for(let t of this.picture.boxes){if(t.kind!=="node")continue;let e=this.session.grad(t.node);e!==null&&Number.isFinite(e)&&(this.largest=Math.max(this.largest,Math.abs(e)))}}_work(){let{session:t}=this,e=t.complete&&!t.playing?null:t.shown.last;if(this.change=e&&!t.mistake?t.engine.change(t.t):null,this.working=new Set,!!this.change){this.working.add(this.view.boxOf[this.change.node]);for(let{id:s}of this.change.operands)this.working.add(this.view.boxOf[s])}}_follow(){let{session:t}=this;if(t.t===this.at)return;let e=this.at===void 0;if(this.at=t.t,e||!this.change||this.camera.pointers.size)return;let s=this.picture.boxes[this.view.boxOf[this.change.node]];this.camera.holds(s)||queueMicrotask(()=>this._middle(s,this.camera.now.k))}_state(t){let e=this.picture.boxes[t],{session:s}=this;if(e.kind!=="node")return this._unitState(t,e);let o=e.node,{kind:i,roots:r}=s.engine,a=s.value(o),l=s.grad(o),h=l!==null&&!Number.isFinite(l)||a!==null&&!Number.isFinite(a),c=[];return i[o]===Gr&&c.push("gg-leaf"),r.includes(o)&&c.push("gg-root"),a===null&&c.push("gg-unknown"),s.note(o)&&c.push("gg-stale"),h&&c.push("gg-nonfinite"),s.mistake?.first===o&&c.push("gg-wrong"),s.selected===o&&c.push("gg-selected"),this.change?.node===o&&c.push("gg-work"),{classes:c.join(" "),value:a,grad:l,bad:h,hidden:s.hidden(o),shade:i[o]===wn||l===null?"none":ve(l,this.largest),agreement:l===null?null:this.agreement.get(o)??null}}_unitState(t,e){let{session:s}=this,{complete:o,mistake:i,shown:r,engine:a}=s,l=i?.grad??(o?s.recorded?.grad??a.grad:r.grads),h=i?.value??s.recorded?.value??a.value,c=!1,u=0,p=s.t>a.seedAt;for(let g of e.nodes){let m=a.kind[g]===wn||!a.below[g];(p?r.seen[g]>0||m:r.known[g])&&u++,!c&&r.known[g]&&!Number.isFinite(h[g])&&(c=!0),!c&&(o||r.seen[g])&&a.kind[g]!==wn&&!Number.isFinite(l[g])&&(c=!0)}let f=[];return c&&f.push("gg-nonfinite"),e.nodes.some(g=>s.note(g))&&f.push("gg-stale"),s.selected!==null&&this.view.boxOf[s.selected]===t&&f.push("gg-holds"),i?.first!=null&&this.view.boxOf[i.first]===t&&f.push("gg-wrong"),this.change&&this.view.boxOf[this.change.node]===t&&f.push("gg-work"),{classes:f.join(" "),bad:c,done:o?null:Math.round(100*u/e.count)/100}}_legend(){if(this.largest===this.scaled)return;this.scaled=this.largest;let{width:t,parts:e}=_s(this.largest);B(this.legend,e),T(this.legend,"width",t)}_stale(t){t!=="document"&&((t==="values"||t==="bug"||t==="frame")&&(this.checked=new Set),this.checked??=new Set)}_check(){if(this.checked??=new Set,!this.session.complete){this.agreement.clear(),this.checked.clear();return}if(this.checking||this.far||this.camera.base.k<Lt||!this._unchecked())return;let t=globalThis.requestIdleCallback??(e=>setTimeout(e,30));this.checking=t(()=>this._checkSome(),{timeout:500})}_unchecked(){for(let[t]of this.elements){let{kind:e,node:s}=this.picture.boxes[t];if(e==="node"&&!this.checked.has(s)&&this.session.grad(s)!==null)return this.picture.boxes[t]}return null}_checkSome(){if(this.checking=null,!this.session.complete||!this.camera.base)return;let t=performance.now()+Ur;for(let e=this._unchecked();e;e=performance.now()<t?this._unchecked():null){let s=this.session.agrees(e.node);this.checked.add(e.node),this.agreement.set(e.node,s===null?"unknown":s?"yes":"no");let o=this.placeOf.get(e.key);le(this.elements.get(o),this.session,e,this._state(o))}this._check()}_clicked(t){let[e,s]=this.camera.point(t.clientX,t.clientY),o=a=>e>=a.x&&s>=a.y&&e<=a.x+a.width&&s<=a.y+a.height,i=this.picture.boxes.findIndex(o);if(i>=0){this._use(this.picture.boxes[i].key);return}let r=this.picture.clusters.find((a,l)=>l&&o({x:a.x,y:a.y,width:fn(a)+8,height:24})&&this.camera.now.k>=Lt);r?this.close(r.key):this.session.select(null)}_act(t){t&&this._use(t.dataset.key)}_use(t){let e=this.placeOf.get(t);if(e===void 0){this.close(t);return}let s=this.picture.boxes[e];if(this._roam(e),s.kind==="node")this.session.select(s.node),this.refresh();else{let o=this._hasFocus();this.open(t),o&&this._focusBox(this.view.boxOf[s.nodes[s.nodes.length-1]])}}_hasFocus(){let t=this.frame.getRootNode().activeElement;return t!==null&&this.svg.contains(t)}_key(t){if(t.ctrlKey||t.metaKey||t.altKey)return;let e=t.target.closest?.(".gg-box, .gg-cluster-name");if(!e)return;let{key:s}=e.dataset,o=this.placeOf.get(s),i=!0;if(t.key==="Enter"||t.key===" ")this._use(s),o===void 0&&this._focusBox(this.placeOf.get(this.focus));else if(t.key==="Backspace"){let r=this.outline.around(s);r&&(this.close(r),this._focusBox(this.placeOf.get(r)??this.placeOf.get(this.focus)))}else if(t.key.startsWith("Arrow")&&o!==void 0){let r=As(this.picture,this.ins,this.outs,o,t.key,this.direction);r!==null&&this._focusBox(r)}else i=!1;i&&(t.preventDefault(),t.stopPropagation())}_focused(t){let e=t.closest?.(".gg-box");e&&this.placeOf.has(e.dataset.key)&&this._roam(this.placeOf.get(e.dataset.key))}_roam(t){this.elements.get(this.placeOf.get(this.focus))?.group.setAttribute("tabindex",-1),this.focus=this.picture.boxes[t].key,this.elements.get(t)?.group.setAttribute("tabindex",0)}_focusBox(t){if(t===void 0)return;this._roam(t);let e=this.picture.boxes[t];!this.camera.holds(e)||this.camera.now.k<Lt?this._middle(e,Math.max(this.camera.now.k,Lt*1.5),!1):this.refresh(),this.elements.get(t)?.group.focus({preventScroll:!0,focusVisible:!0})}svgText(){return he(this)}destroy(){this.off(),this.hints.stop(),(globalThis.cancelIdleCallback??clearTimeout)(this.checking),this.camera.destroy(),this.frame.remove()}};var bn=5421010862427522e-35;function vn(n){if(n!==n)return n;if(Math.abs(n)===1/0||qs(n))return 1/0;if(n===1||n===2)return 0;if(Math.abs(n)<bn)return-Math.log(Math.abs(n));let[t,e]=Ds(n);return xn(s=>t>0n?Gs(t,e,s):Kr(t,e,s))}function kn(n){return Fe(0,n)}function Fe(n,t){if(!Number.isInteger(n)||n<0||n>100||t!==t||t===-1/0)return NaN;let e=n%2===1,s=e?1:-1;if(t===1/0)return n===0?1/0:s*0;if(t===0)return e?1/0:-1/t;if(qs(t))return e?1/0:NaN;let[o,i]=Ds(t);if(Math.abs(t)<bn)return Re(BigInt(s)*(ft(n)<<i*BigInt(n+1)),o**BigInt(n+1));if(n>0&&t>n/bn)return Re(BigInt(s)*(ft(n-1)<<i*BigInt(n)),o**BigInt(n));if(o<0n)return xn(a=>Jr(n,o,i,a));if(n===0)return xn(a=>yn(0,o,i,a));let r=n*Math.max(0,Bt(o)-Number(i));return Re(yn(n,o,i,96,r),1n<<BigInt(96+r))}function qs(n){return n<=0&&n===Math.floor(n)}function xn(n){for(let t=80;;t*=2){let e=n(t+16);if(Bt(e)>=76||t>=1200)return Re(e,1n<<BigInt(t+16))}}function Re(n,t){let e=70-Bt(n)+Bt(t),s=Number(e>0?(n<<BigInt(e))/t:n/(t<<BigInt(-e))),o=Math.trunc(e/2);return s*2**-o*2**(o-e)}function Ds(n){Ps.setFloat64(0,n);let t=Ps.getBigUint64(0),e=Number(t>>52n&0x7ffn),s=t&0xfffffffffffffn,o=e?s|0x10000000000000n:s,i=e?1075-e:1074;if(i<=0)return[n<0?-(o<<BigInt(-i)):o<<BigInt(-i),0n];let r=Math.min(i,Bt(o&-o)-1);return o>>=BigInt(r),i-=r,[n<0?-o:o,BigInt(i)]}var Ps=new DataView(new ArrayBuffer(8));function Bt(n){if(n===0n)return 0;let t=(n<0n?-n:n).toString(16);return 4*t.length-Math.clz32(parseInt(t[0],16))+28}function Us(n,t,e){return n<<e>>t}function $n(n,t,e){let s=0n;for(let o=n.length-1;o>=0;o--)s=n[o]+(s*t>>e);return s}function Ws(n,t,e){let s=t>>e;return s<BigInt(n)?n-Number(s):0}function Gs(n,t,e){let s=BigInt(e),o=1n<<t,i=Ws(Pe(e,0),n,t),r=1n;for(let u=0;u<i;u++)r*=n,n+=o;let a=(1n<<s+t)/n,l=$n(Hr(e),a*a>>s,s)*a>>s,c=((2n*n-o)*Kt(n,t,e)>>t+1n)-Us(n,t,s)+na(e)+l;return i?c-Kt(r,t*BigInt(i),e):c}function yn(n,t,e,s,o=0){let i=BigInt(s),r=i+BigInt(o),a=BigInt(n+1),l=1n<<e,h=ft(n)<<r+e*a,c=0n;for(let g=Ws(Pe(s,n),t,e);g>0;g--)c+=h/t**a,t+=l;let u=(1n<<i+e)/t,p=$n(Vr(n,s),u*u>>i,i);if(p=(p*u>>i)+(ft(n)<<i-1n),n===0)return Kt(t,e,s)-(p*u>>i)-c;let f=((p<<e)+(ft(n-1)*t<<i))/t;return f=(f<<e*BigInt(n)+r-i)/t**BigInt(n)+c,n%2?f:-f}function Pe(n,t){return Math.floor(n/5)+t}var Hr=ct(n=>Hs(t=>[1n,2n*t*(2n*t-1n)],Pe(n,0),n,1n)),Vr=ct((n,t)=>Hs(e=>[ft(2*Number(e)+n-1),ft(2*Number(e))],Pe(t,n),t,ft(Math.max(0,n-1))));function Hs(n,t,e,s){let o=[];for(let r=1,a=null;a===null||(a<0n?-a:a)>=i(r-1);r++){let[l,h]=Xr(r),[c,u]=n(BigInt(r));a=(l*c<<BigInt(e))/(h*u),o.push(a)}return o;function i(r){return s*BigInt(t)**BigInt(2*r-1)}}var Xr=ct(n=>{let t=2**Math.ceil(Math.log2(n)),e=4n**BigInt(n);return[(n%2?2n:-2n)*BigInt(n)*Yr(t)[n-1],e*(e-1n)]}),Yr=ct(n=>{let t=[];for(let e=0;e<n;e++)t.push(ft(e));for(let e=1;e<n;e++)for(let s=e;s<n;s++)t[s]=BigInt(s-e)*t[s-1]+BigInt(s-e+2)*t[s];return t});function Kr(n,t,e){let s=Vs(n,t),[,o]=Xs(s,t,e);return-(Kt(s<0n?-s:s,t,e)+Kt(o,BigInt(e),e))-Gs((1n<<t)-n,t,e)}function Jr(n,t,e,s){let o=Zr(n),i=o.reduce((x,$)=>x+($<0n?-$:$),0n),r=Bt(i)+2*n,a=s+r,l=BigInt(a),h=Vs(t,e),[c,u]=Xs(h,e,a),p=(c<<e+l)/(u*h),f=p*p>>l,g=Mn(a)**2n>>l,m=0n,b=1n<<l;for(let x of o)m=(m*f>>l)+x*b,b=b*g>>l;n%2===0&&(m=m*p>>l);let w=yn(n,(1n<<e)-t,e,a);return(n%2?-w:w)-m>>BigInt(r)}var Zr=ct(n=>{let t=[1n];for(let e=0;e<n;e++){let s=new Array(t.length+1).fill(0n);t.forEach((o,i)=>{let r=BigInt(e+1-2*i);s[i]-=r*o,s[i+1]-=r*o}),t=e%2===0?s:s.slice(0,-1)}return t});function Vs(n,t){let e=1n<<t-1n;return(n+e&(1n<<t)-1n)-e}function Xs(n,t,e){let s=BigInt(e),o=Mn(e)*(n<0n?-n:n)>>t,i=o*o>>s,r=1n<<s,a=r,l=r;for(let h=2n;r;h+=2n)r=-(r*i>>s)/(h*(h-1n)),a+=r,l+=r/(h+1n);return[a,l]}function Kt(n,t,e){let s=BigInt(e),o=BigInt(Bt(n)-1),i=Us(n,o,s),r=(i>>s-5n)-32n,a=2n*r+65n<<s-6n,l=(i-a<<s)/(i+a),h=$n(Qr(e),l*l>>s,s);return(o-t)*ea(e)+ta(e)[Number(r)]+(2n*l*h>>s)}var Qr=ct(n=>Array.from({length:Math.floor(n/14)+2},(t,e)=>(1n<<BigInt(n))/BigInt(2*e+1))),ta=ct(n=>Array.from({length:32},(t,e)=>2n*je(BigInt(2*e+1),BigInt(2*e+129),n,1n))),ea=ct(n=>2n*je(1n,3n,n,1n)),Mn=ct(n=>16n*je(1n,5n,n,-1n)-4n*je(1n,239n,n,-1n)),na=ct(n=>Kt(2n*Mn(n),BigInt(n),n)/2n),ft=ct(n=>n<2?1n:BigInt(n)*ft(n-1));function je(n,t,e,s){let o=BigInt(e+16),i=(n<<o)/t,r=0n;for(let a=1n;i;a+=2n)r+=i/a,i=s*i*n*n/(t*t);return r>>BigInt(16)}function ct(n){let t=new Map;return(...e)=>{let s=e.length===1?e[0]:e.join();return t.has(s)||t.set(s,n(...e)),t.get(s)}}var sa=1024;function _n(n,t){let e=Math.abs(n);if(n===1||e===1&&Math.abs(t)===1/0)return 1;if(Math.abs(t)<sa||!(Math.abs(t)<2**31)||!Number.isInteger(t)||!(0<e&&e<1/0))return Math.pow(n,t);let s=Math.sign(t)/2,o=Math.pow(e,t-s)*Math.pow(e,s);return n<0&&t%2!==0?-o:o}function Ys(n,t){let e=n%t;return e===0?t<0?-0:0:e<0==t<0?e:e+t}function Ks(n,t){if(t===0)return n/t;let e=n%t,s=e!==0&&e<0!=t<0?1:0,o=(n-e)/t-s;if(o===0)return 0*(n/t);let i=Math.floor(o);return o-i>.5?i+1:i}var An=2/Math.sqrt(Math.PI),$t=1,Jt=100;function de(n){let t=Math.abs(n);return t<$t?n*(An*oa(n)):n<0?qe(t)-1:1-qe(t)}function Js(n){return n<-$t?2-qe(-n):n<$t?1-de(n):qe(n)}function oa(n){let t=n*n,e=1,s=1;for(let o=1;e>1e-17*s;o++)e*=t/(o+.5),s+=e;return Math.exp(-t)*s}function qe(n){if(!(n<28))return n===n?0:n;let t=Math.fround(n);return Math.exp(Jt-t*t)*Math.exp((t-n)*(t+n))/Zs(n)*(An/2)*Math.exp(-Jt)}function Zs(n){let t=n;for(let e=Math.ceil(20+200/(n*n));e>0;e--)t=n+.5*e/t;return t}function De(n){if(n>=$t)return An/2/Zs(n);if(n<-27)return 1/0;let t=Math.fround(n),e=Math.exp(t*t)*Math.exp((n-t)*(n+t));return n<-$t?2*e-De(-n):e*(1-de(n))}var Sn=38.75;function Zt(n){if(!(Math.abs(n)<Sn))return n===n?0:n;let t=Math.fround(n);return Math.exp(Jt-t*t/2)*Math.exp((t-n)*(t+n)/2)/Math.sqrt(2*Math.PI)*Math.exp(-Jt)}function Ue(n){return n<-$t?Zt(n)*Tn(-n):.5+.5*de(n*Math.SQRT1_2)}function Qs(n){return n<=-Sn?-0:n<-$t?Zt(n)*(n*Tn(-n)):n*Ue(n)}function to(n){if(!(Math.abs(n)<Sn))return n===n?n>0?1:-0:n;let t=Math.abs(n),e=t<$t?Ue(-t)-t*Zt(t):Zt(t)*(Tn(t)-t);return n>0?1-e:e}function eo(n){if(!(Math.abs(n)<28))return n===n?0:n;let t=Math.fround(n);return Math.exp(Jt-t*t)*Math.exp((t-n)*(t+n))*Math.exp(-Jt)}function Tn(n){return Math.sqrt(Math.PI/2)*De(n*Math.SQRT1_2)}function no(n,t){if(n===t)return 1;let e=n-t,s=Math.exp(e);if(!(s>0&&s<1/0))return s;let o=e-n;return s+s*(n-(e-o)-(t+o))}function so(n){if(!(Math.abs(n)<800))return n===n?n>0?1:-0:n;let t=Math.abs(n),e=Math.exp(-t),s=Math.exp(-t/2),o=s*((1-t+e)/((1+e)*(1+e)))*s;return n>0?1-o:o}function oo(n){if(!(n<0))return n/(1+Math.exp(-n));let t=Math.exp(n/2);return n<-800?-0:n*t*t/(1+t*t)}var En={add:(n,t)=>n+t,sub:(n,t)=>n-t,mul:(n,t)=>n*t,div:(n,t)=>n/t,neg:n=>-n,pow:(n,t)=>_n(n,t),mod:(n,t)=>Ys(n,t),floordiv:(n,t)=>Ks(n,t),identity:n=>n,detach:n=>n,exp:n=>Math.exp(n),exp_sub:(n,t)=>no(n,t),expm1:n=>Math.expm1(n),exp2:n=>_n(2,n),log:n=>Math.log(n),log1p:n=>Math.log1p(n),log2:n=>Math.log2(n),log10:n=>Math.log10(n),sqrt:n=>Math.sqrt(n),cbrt:n=>Math.cbrt(n),square:n=>n*n,sin:n=>Math.sin(n),cos:n=>Math.cos(n),tan:n=>Math.tan(n),asin:n=>Math.asin(n),acos:n=>Math.acos(n),atan:n=>Math.atan(n),atan2:(n,t)=>Math.atan2(n,t),sinh:n=>Math.sinh(n),cosh:n=>Math.cosh(n),tanh:n=>Math.tanh(n),asinh:n=>Math.asinh(n),acosh:n=>Math.acosh(n),atanh:n=>Math.atanh(n),exp_neg_square:n=>eo(n),erf:n=>de(n),erfc:n=>Js(n),erfcx:n=>De(n),norm_pdf:n=>Zt(n),norm_cdf:n=>Ue(n),gelu:n=>Qs(n),gelu_slope:n=>to(n),silu:n=>oo(n),silu_slope:n=>so(n),lgamma:n=>vn(n),digamma:n=>kn(n),polygamma:(n,t)=>Fe(n,t),where:(n,t,e)=>n!==0?t:e,abs:n=>Math.abs(n),abs_slope:n=>Math.sign(n),relu:n=>n<=0?0:n,maximum:(n,t)=>n>=t||n!==n?n:t,minimum:(n,t)=>n<=t||n!==n?n:t,sign:n=>Math.sign(n),floor:n=>Math.floor(n),ceil:n=>Math.ceil(n),hypot:(n,t)=>Math.hypot(n,t),less:(n,t)=>n<t?1:0,less_equal:(n,t)=>n<=t?1:0,greater:(n,t)=>n>t?1:0,greater_equal:(n,t)=>n>=t?1:0,equal:(n,t)=>n===t?1:0,not_equal:(n,t)=>n!==t?1:0};var ia="glassgrad-document",io=1,Ct=0,ut=1,Q=2,Nn=2**-52,ro=Math.cbrt(Nn),ra=30*Nn**(2/3),aa=1e-12;function K(n){return typeof n=="number"?n:n==="inf"?1/0:n==="-inf"?-1/0:NaN}var Qt=class{constructor(t){if(t?.format!==ia)throw new TypeError("this is no document of glassgrad's player");if(t.version!==io)throw new TypeError(`the document has version ${t.version}, the player reads version ${io}: make the page again`);let e=t.nodes;this.document=t,this.n=e.op.length,this.root=t.root,this.roots=t.roots??[t.root],this.op=Int32Array.from(e.op),this.kind=Int8Array.from(e.kind),this.start=Int32Array.from(e.start),this.args=Int32Array.from(e.args),this.rule=Int32Array.from(e.rule),this.edges=this.args.length,this.value=Float64Array.from(e.value,K),this.grad=new Float64Array(this.n),this.slope=new Float64Array(this.edges).fill(NaN);for(let[s,o]of Object.entries(t.slopes??{}))this.slope[s]=K(o);this.rules=t.rules.map(ao),this.functions=t.ops.map(s=>s.live?s.tape?ha(s.tape):En[s.name]:void 0),this.selects=t.ops.map(s=>s.selects),this.passes=t.ops.map(s=>s.name!=="detach"),this.python=Float64Array.from(e.grad,s=>s===null?NaN:K(s)),this.original=this.value.slice(),this.stale=new Uint8Array(this.n),this._connect(),this._order(),this.update()}_connect(){let{n:t,start:e,args:s,edges:o}=this;this.owner=new Int32Array(o),this.useStart=new Int32Array(t+1),this.stuck=new Uint8Array(t);for(let r=0;r<t;r++){let a=this.op[r];a>=0&&(!this.functions[a]||this.start[r+1]===this.start[r])&&(this.stuck[r]=1);for(let l=e[r];l<e[r+1];l++)this.owner[l]=r,this.useStart[s[l]+1]++}for(let r=0;r<t;r++)this.useStart[r+1]+=this.useStart[r];let i=this.useStart.slice();this.useEdges=new Int32Array(o);for(let r=0;r<o;r++)this.useEdges[i[s[r]]++]=r}_order(){this.computed=[];for(let t=0;t<this.n;t++)this.kind[t]===Ct&&this.computed.push(t);this.below=new Uint8Array(this.n),this.below[this.root]=1;for(let t=this.root;t>=0;t--)if(this.below[t])for(let e of this.operands(t))this.below[e]=1;this.back=this.computed.filter(t=>this.below[t]).reverse(),this.steps=this.computed.map(t=>({phase:"forward",node:t})),this.steps.push({phase:"seed",node:this.root});for(let t of this.back)this.steps.push({phase:"backward",node:t});this.seedAt=this.computed.length}operation(t){return this.op[t]<0?null:this.document.ops[this.op[t]]}operands(t){return Array.from(this.args.subarray(this.start[t],this.start[t+1]))}users(t){return Array.from(this.useEdges.subarray(this.useStart[t],this.useStart[t+1]),e=>({node:this.owner[e],edge:e}))}label(t){return this.document.strings[this.document.nodes.label[t]]??""}title(t){let e=this.label(t);return e||(this.kind[t]===Q?String(this.value[t]).replace("-","−"):`v${t}`)}source(t){let e=this.document.nodes.source[t];return e<0?"":this.document.strings[e]}frozen(t){return this.stuck[t]===1}setValue(t,e){this.setValues([[t,e]])}setValues(t){for(let[e,s]of t){if(this.kind[e]!==ut)throw new TypeError(`node ${this.title(e)} is computed: move a leaf`);this.value[e]=s}this.update()}reset(){this.value.set(this.original),this.update()}update(){this._moved=null,this.forward(this.value),this.slopes(this.value,this.slope),this.backward(this.slope,this.grad),this._age()}load(t,e={}){this.value.set(t);for(let[s,o]of Object.entries(e))this.slope[s]=K(o);this.update(),this.original.set(this.value),this._moved=null,this.stale.fill(0)}get moved(){return this._moved??=this.value.some((t,e)=>this.kind[e]===ut&&!Object.is(t,this.original[e])),this._moved}_age(){if(!this.stuck.includes(1))return;let t=new Uint8Array(this.n);for(let e=0;e<this.n;e++){this.stale[e]=0,this.kind[e]===ut&&(t[e]=Object.is(this.value[e],this.original[e])?0:1);for(let s=this.start[e];s<this.start[e+1];s++)t[this.args[s]]&&(t[e]=1),this.stale[this.args[s]]&&(this.stale[e]=1);this.stuck[e]&&t[e]&&(this.stale[e]=1)}}forward(t,e=null){for(let s of this.computed)e?.has(s)?t[s]=e.get(s):this.stuck[s]||(t[s]=this.apply(s,t));return t}apply(t,e){let s=this.functions[this.op[t]],o=this.start[t],i=this.start[t+1]-o;return i===1?s(e[this.args[o]]):i===2?s(e[this.args[o]],e[this.args[o+1]]):s(...this.operands(t).map(r=>e[r]))}slopes(t,e){for(let s=0;s<this.edges;s++){let o=this.rule[s];if(o<0)continue;let i=this.owner[s];e[s]=this.rules[o](t,i,this.args,this.start[i])}return e}backward(t,e){e.fill(0),e[this.root]=1;for(let s of this.back)this.send(s,t,e);return e}send(t,e,s,o=null,i=!1){for(let r=this.start[t];r<this.start[t+1];r++){let a=this.args[r];if(this.kind[a]===Q||!this.sends(t,e[r]))continue;let l=s[t]*e[r];s[a]=i?l:s[a]+l,o&&o[a]++}}sends(t,e){return!(e===0&&this.selects[this.op[t]])}at(t){let e=new Uint8Array(this.n),s=new Float64Array(this.n),o=new Int32Array(this.n);for(let i=0;i<this.n;i++)this.kind[i]!==Ct&&(e[i]=1);for(let i=0;i<Math.min(t,this.seedAt);i++)e[this.steps[i].node]=1;if(t>this.seedAt){s[this.root]=1,o[this.root]=1;for(let i=this.seedAt+1;i<t;i++)this.send(this.steps[i].node,this.slope,s,o)}return{t,known:e,grads:s,seen:o,last:t>0?this.steps[t-1]:null}}change(t){if(t<=0)return null;let{phase:e,node:s}=this.steps[t-1],o={phase:e,node:s,value:this.value[s],operands:[]},i=e==="backward"?this.at(t-1).grads:null;if(i&&(o.grad=i[s]),e==="seed")return{...o,grad:1};let r=i?.slice();for(let a=this.start[s];a<this.start[s+1];a++){let l=this.args[a],h={id:l,edge:a,value:this.value[l],slope:this.slope[a],constant:this.kind[l]===Q};r&&(h.sent=!h.constant&&this.sends(s,h.slope),h.before=r[l],h.amount=h.sent?r[s]*h.slope:0,r[l]+=h.amount,h.after=r[l]),o.operands.push(h)}return o}contributions(t){return this.users(t).filter(({node:e})=>this.below[e]).map(({node:e,edge:s})=>{let o=this.kind[t]!==Q&&this.sends(e,this.slope[s]),i=o?this.grad[e]*this.slope[s]:0;return{edge:s,node:e,slope:this.slope[s],upstream:this.grad[e],amount:i,sent:o}}).sort((e,s)=>s.node-e.node||e.edge-s.edge)}stepOf(t,e="backward"){return this.kind[t]===Ct?(this._place??=new Map(this.computed.map((o,i)=>[o,i+1])),this._sent??=new Map(this.back.map((o,i)=>[o,this.seedAt+i+2])),e==="backward"&&this._sent.get(t)||this._place.get(t)):e==="forward"?0:this.users(t).map(({node:o})=>this.stepOf(o)).reduce((o,i)=>Math.max(o,i),this.seedAt+1)}findBreak(t,{nonfinite:e=!1,bound:s=null,second:o=!1}){let i=this.at(Math.max(t,this.seedAt)),r=(a,l)=>{let h=i.grads[l];return e&&!Number.isFinite(h)?{t:a,node:l,why:Number.isNaN(h)?"nan":"infinite"}:s!==null&&Math.abs(h)>s?{t:a,node:l,why:"bound"}:o&&i.seen[l]===2?{t:a,node:l,why:"second"}:null};for(let a=Math.max(t,this.seedAt);a<this.steps.length;a++){let{phase:l,node:h}=this.steps[a];if(l==="seed"){i.grads[h]=1,i.seen[h]=1;let u=r(a+1,h);if(u)return u;continue}let c=this.operands(h).map(u=>i.seen[u]);this.send(h,this.slope,i.grads,i.seen);for(let[u,p]of this.operands(h).entries()){if(i.seen[p]===c[u])continue;let f=o&&c[u]<2&&i.seen[p]>=2,g=r(a+1,p)??(f?{t:a+1,node:p,why:"second"}:null);if(g)return g}}return null}rootWith(t,e){if(t===this.root)return e;let s=this._scratch??=new Float64Array(this.n),o=this._dirty??=new Uint8Array(this.n);o.fill(0),s.set(this.value),s[t]=e,o[t]=1;for(let i=t+1;i<this.n;i++)if(!(this.kind[i]!==Ct||!this.passes[this.op[i]])){for(let r=this.start[i];r<this.start[i+1];r++)if(o[this.args[r]]){o[i]=1;break}if(o[i]){if(this.stuck[i])return NaN;s[i]=this.apply(i,s)}}return s[this.root]}difference(t){let e=ro*Math.max(1,Math.abs(this.value[t])),s=this.value[t]+e,o=this.value[t]-e;return(this.rootWith(t,s)-this.rootWith(t,o))/(s-o)}agrees(t,e=this.grad[t]){let s=this.value[t],o=this.value[this.root];if(this.kind[t]===Q||!Number.isFinite(s)||!Number.isFinite(o)||this.stale[this.root])return null;let i=ro*Math.max(1,Math.abs(s)),r=this.rootWith(t,s+i),a=this.rootWith(t,s-i),l=(r-a)/(s+i-(s-i));if(!Number.isFinite(l))return null;if(!Number.isFinite(e))return!1;let h=Math.max(1,Math.abs(l),Math.abs(e)),c=8*Nn*Math.max(Math.abs(r),Math.abs(a))/i,u=Math.abs(r-2*o+a)/i;return Math.abs(e-l)<=100*ra*h+c?!0:Math.abs(e-l)<=u?null:!1}nudge(t,e){let s=this.rootWith(t,this.value[t]+e);return{predicted:this.grad[t]*e,actual:s-this.value[this.root],after:s}}paths(t,e=200){let s=new Array(this.n).fill(0n);s[this.root]=1n;for(let a of this.back)if(s[a]!==0n)for(let l=this.start[a];l<this.start[a+1];l++)this.sends(a,this.slope[l])&&(s[this.args[l]]+=s[a]);let o=s[t];if(o>BigInt(e))return{count:o,paths:null,sum:this.grad[t]};let i=[],r=o?[{node:t,edge:-1,before:null,product:1}]:[];for(;r.length;){let a=r.pop();if(a.node===this.root){i.push(la(a));continue}for(let l of this.users(a.node).reverse())s[l.node]===0n||!this.sends(l.node,this.slope[l.edge])||r.push({...l,before:a,product:a.product*this.slope[l.edge]})}return{count:o,paths:i,sum:i.reduce((a,l)=>a+l.product,0)}}};function la(n){let t=[],e=[];for(let s=n;s!==null;s=s.before)t.push(s.node),s.before!==null&&e.push(s.edge);return{nodes:t.reverse(),edges:e.reverse(),product:n.product}}function ao({arity:n,constants:t,code:e,out:s}){let o=n+1;if(s>=o&&s<o+t.length){let h=K(t[s-o]);return()=>h}if(s<o&&s>0)return(h,c,u,p)=>h[u[p+s-1]];if(s===0)return(h,c)=>h[c];let i=o+t.length+e.length,r=new Float64Array(i);t.forEach((h,c)=>r[o+c]=K(h));let a=o+t.length,l=e.map(([h,...c])=>({f:En[h],refs:c}));return(h,c,u,p)=>{r[0]=h[c];for(let f=0;f<n;f++)r[f+1]=h[u[p+f]];for(let f=0;f<l.length;f++){let{f:g,refs:m}=l[f];r[a+f]=m.length===1?g(r[m[0]]):m.length===2?g(r[m[0]],r[m[1]]):g(r[m[0]],r[m[1]],r[m[2]])}return r[s]}}function ha(n){let t=ao(n);return(...e)=>t(e,0,[...e.keys()],0)}function pt(n,t){return Object.is(n,t)||n===t||Math.abs(n-t)<=aa*Math.max(Math.abs(n),Math.abs(t))}var lo=20,On=[{name:"overwrite",title:"= instead of +=",text:"A node that is used twice gets two shares of gradient. With = the later one replaces the earlier.",wrong:"self.grad = out.grad * local",right:"self.grad += out.grad * local",why:"no node here is used twice",where:n=>ca(n)?!0:null,run(n){let t=new Float64Array(n.n);t[n.root]=1;for(let e of n.back)n.send(e,n.slope,t,null,!0);return{grad:t,right:n.grad}}},{name:"order",title:"wrong order",text:"Breadth first from the root is no topological order: a node sends its gradient on before all of it is there.",wrong:`for node in breadth_first(root):
    node._backward()`,right:`for node in reversed(topological(root)):
    node._backward()`,why:"in this graph breadth first happens to be a right order",where(n){let{grad:t}=this.run(n);return t.every((e,s)=>pt(e,n.grad[s]))?null:!0},run(n){let t=new Float64Array(n.n);t[n.root]=1;for(let e of da(n))n.send(e,n.slope,t);return{grad:t,right:n.grad}}},{name:"stale",title:"stale inner gradients",text:"backward() twice: leaves may accumulate, inner nodes must start from 0, or the first call's gradients are sent once more.",wrong:"root.grad = 1.0  # and nothing else",right:`for node in inner: node.grad = 0.0
root.grad = 1.0`,why:"the graph has no inner node: its gradients come straight from the root",where:n=>n.computed.length>1?!0:null,run(n){let t=n.grad.slice();t[n.root]=1;for(let e of n.back)n.send(e,n.slope,t);return{grad:t,right:n.grad.map((e,s)=>n.kind[s]===ut?2*e:e),calls:2}}},{name:"zero_grad",title:"forgotten zero_grad",text:"The next training step adds its gradients to those of the last: without zero_grad() the leaves' are the sum of both.",wrong:`loss.backward()
step()`,right:`zero_grad()
loss.backward()
step()`,why:"the graph has no leaf that can be trained",where:n=>n.kind.includes(ut)?!0:null,run:n=>({grad:n.grad.map((t,e)=>n.kind[e]===ut?2*t:t),right:n.grad})},{name:"detached",title:"detached value",text:"The value was taken out of the graph on the way (x.data, float(x)): from there on it is a constant, and nothing flows back.",wrong:"h = Scalar(h.data)",right:"h = h",why:"the graph has no inner node with a leaf below it",where:n=>ua(n),fits:(n,t)=>n.kind[t]===Ct&&t!==n.root&&n.grad[t]!==0,run(n,t){let e=n.slope.slice();for(let{edge:s}of n.users(t))e[s]=0;return{grad:n.backward(e,new Float64Array(n.n)),right:n.grad,slope:e,first:t}}},{name:"dead_relu",title:"dead ReLU",text:"Where a relu's argument is negative its derivative is 0: nothing below it learns, whatever the rest does.",wrong:"relu(−|x| − 1)",right:"relu(x)",why:"the graph has no relu that is alive",where(n){return In(n,t=>this.fits(n,t))},fits:(n,t)=>ho(n,t,"relu")&&n.value[n.operands(t)[0]]>0,run:(n,t)=>co(n,t,e=>-Math.abs(e)-1)},{name:"saturated_tanh",title:"saturated tanh",text:"Far from 0 tanh is flat: 1 − tanh² is nearly 0, and so is every gradient below it.",wrong:"tanh(x + 20)",right:"tanh(x)",why:"the graph has no tanh",where(n){return In(n,t=>this.fits(n,t))},fits:(n,t)=>ho(n,t,"tanh"),run:(n,t)=>co(n,t,e=>e<0?e-lo:e+lo)}];function uo(n){return On.map(t=>({name:t.name,title:t.title,text:t.text,wrong:t.wrong,right:t.right,possible:t.where(n)!==null,why:t.why}))}function fo(n,t,e={}){let s=On.find(h=>h.name===t);if(!s)throw new RangeError(`no mistake is called ${t}: choose from ${On.map(h=>h.name).join(", ")}`);let o=e.node??null,i=o!==null&&s.fits?.(n,o)?o:s.where(n);if(i===null)throw new RangeError(`${s.title}: ${s.why}`);let r=i===!0?null:i,a={value:n.value,first:null,...s.run(n,r)},l=a.first;if(l===null||pt(a.grad[l],a.right[l])){l=null;for(let h=n.n-1;h>=0&&l===null;h--)n.kind[h]!==Q&&!pt(a.grad[h],a.right[h])&&(l=h)}return{...a,name:t,node:r,first:l}}function In(n,t){return n.computed.find(t)??null}function ca(n){for(let t=n.n-1;t>=0;t--)if(n.kind[t]!==Q&&n.contributions(t).filter(({amount:e})=>e!==0).length>1)return!0;return!1}function ua(n){let t=s=>s!==n.root&&n.grad[s]!==0,e=s=>n.operands(s).some(o=>n.kind[o]===ut&&n.grad[o]!==0);return In(n,s=>t(s)&&e(s))}function da(n){let t=new Uint8Array(n.n),e=[n.root];t[n.root]=1;for(let s=0;s<e.length;s++)for(let o of n.operands(e[s]))t[o]||(t[o]=1,e.push(o));return e.filter(s=>n.kind[s]===Ct)}function ho(n,t,e){return n.operation(t)?.name===e&&n.kind[n.operands(t)[0]]!==Q}function co(n,t,e){let[s]=n.operands(t),o=n.value.slice();o[s]=e(o[s]),o[t]=n.apply(t,o);let i=n.forward(n.value.slice(),new Map([[t,o[t]]])),r=n.slopes(i,n.slope.slice()),a=n.start[t];return r[a]=n.slopes(o,n.slope.slice())[a],{value:i,slope:r,grad:n.backward(r,new Float64Array(n.n)),right:n.grad,first:s}}var po=[.5,1,2,4,8,16,64],We=class{constructor(t){this.whole=t,this.run=t.run??null,this.quiz=t.quiz??null,this.sealed=t.exercise?.check===!1,this.solved=new Set,this.listeners=new Map,this.speed=2,this.playing=!1,this.breakpoints={nonfinite:!0,bound:null,second:!1},this.frame=null,this.compare=null,this.selected=t.selected??null,this._load(t),this.run?.steps.length&&this._show(this.run.steps.length-1)}_load(t){this.document=t,this.engine=new Qt(t),this.bug=null,this.mistake=null,this.recorded=null,this.total=this.engine.steps.length,this.t=this.total,this._state=null,this.blanks=new Set(this.quiz?.blanks??[])}on(t,e){return this.listeners.has(t)||this.listeners.set(t,new Set),this.listeners.get(t).add(e),()=>this.listeners.get(t).delete(e)}emit(t,e=null){for(let s of[t,"*"])for(let o of[...this.listeners.get(s)??[]])o(e,t)}get shown(){return this._state??=this.engine.at(this.t),this._state}get complete(){return this.t===this.total}value(t){return this.shown.known[t]?this.mistake?this.mistake.value[t]:this.recorded?this.recorded.value[t]:this.engine.value[t]:null}grad(t){return this.engine.kind[t]===Q||this.hidden(t)||!this.engine.below[t]?null:this.mistake?this.mistake.grad[t]:this.undetermined(t)?null:this.complete?this.recorded?this.recorded.grad[t]:this.engine.grad[t]:this.shown.seen[t]?this.shown.grads[t]:null}slope(t){return this.conceals(t)?null:(this.mistake?.slope??this.engine.slope)[t]}get changes(){let t=(this.run?this.run.steps[this.frame]?.changes:this.document.changes)??null;return t===null||this.mistake||this.engine.moved?null:t}note(t){return this.changes?.notes[t]??""}python(t){let{engine:e}=this,s=e.python[t];return e.roots.length>1||this.run||this.quiz||this.document.judged||e.kind[t]===Q||Number.isNaN(s)||e.moved||e.kind[t]===ut&&Number.isNaN(e.python[e.root])||pt(s,e.grad[t])||Math.abs(s-e.grad[t])<=1e-9*Math.abs(s)?null:s}verdict(t){let{judged:e}=this.document;return!e?.marks||this.quiz||this.mistake||this.engine.kind[t]===Q||this.engine.moved?null:{mark:e.marks[t],reason:e.reasons[t]??""}}hidden(t){return this.sealed?this.engine.kind[t]!==Q&&t!==this.engine.root:this.blanks.has(t)&&!this.solved.has(t)}undetermined(t){return this.document.unknown===!0&&Number.isNaN(this.engine.grad[t])}veils(t){return this.hidden(t)||this.undetermined(t)}conceals(t){if(this.sealed||this.document.unknown&&Number.isNaN(this.engine.slope[t]))return!0;if(this.whole.exercise?.hide!=="local")return!1;let e=this.engine.args[t];return this.blanks.has(e)?this.hidden(e):[...this.blanks].some(s=>this.hidden(s))}agrees(t){let e=this.mistake||this.complete?this.grad(t):null;if(e===null)return null;let s=this.verdict(t);return s?s.mark===0?null:s.mark===1:this.mistake&&this.mistake.name!=="dead_relu"&&this.mistake.name!=="saturated_tanh"?pt(e,this.mistake.right[t])?this.engine.agrees(t):!1:this.mistake?pt(e,this.mistake.right[t])?null:!1:this.engine.agrees(t,e)}go(t){let e=Math.max(0,Math.min(this.total,Math.round(t)));Number.isNaN(e)||e===this.t||(this._clearBug(),this.t=e,this._state=null,this.emit("step",this.shown.last))}next(){this.go(this.t+1)}back(){this.go(this.t-1)}first(){this.go(0)}last(){this.go(this.total)}jump(t,e="backward"){this.go(this.engine.stepOf(t,e)),this.select(t)}play(){this.playing||(this.t>=this.total&&this.go(0),this.playing=!0,this.emit("play",!0),this._tick())}_tick(){let t=Math.max(1,Math.round(this.speed/30));this._timer=setTimeout(()=>{this.playing&&(this.go(this.t+t),this.t>=this.total?this.pause():this._tick())},1e3*t/this.speed)}pause(){this.playing&&(clearTimeout(this._timer),this.playing=!1,this.emit("play",!1))}toggle(){this.playing?this.pause():this.play()}setSpeed(t){this.speed=t,this.emit("play",this.playing)}runToBreak(){this.pause(),this._clearBug();let t=this.t>=this.total?0:this.t,e=this.engine.findBreak(t,this.breakpoints);return e?(this.go(e.t),this.select(e.node)):this.last(),this.emit("break",e),e}select(t){t!==this.selected&&(this.selected=t,this.emit("select",t))}setValue(t,e,s=!1){this.setValues([[t,e]],s)}setValues(t,e=!1){t.length&&(this._clearBug(),this.recorded=null,this.engine.setValues(t),this._state=null,this.emit("values",{leaves:t.map(([s])=>s),quiet:e}))}nudge(t,e){let s=this.engine.nudge(t,e);return this.setValue(t,this.engine.value[t]+e),s}descend(t,e){let s=this.engine.value[this.engine.root],{value:o,grad:i}=this.engine;return this.setValues(t.filter(r=>!this.sealed||Number.isFinite(i[r])).map(r=>[r,o[r]-e*i[r]])),{before:s,after:this.engine.value[this.engine.root]}}reset(){let{engine:t}=this;if(this.frame!==null){this._show(this.frame),this.emit("frame",this.frame);return}let e=[];for(let s=0;s<t.n;s++)t.kind[s]===ut&&e.push([s,t.original[s]]);this.setValues(e)}setBug(t,e={}){return this.pause(),this.mistake=t===null?null:fo(this.engine,t,{node:this.selected,...e}),this.bug=t,t!==null&&!this.complete&&(this.t=this.total,this._state=null),this.emit("bug",this.mistake),this.mistake}bugs(){return uo(this.engine)}_clearBug(){this.mistake&&(this.mistake=null,this.bug=null,this.emit("bug",null))}setFrame(t){!this.run||t===this.frame&&this.recorded||(this.pause(),this._show(t),this.emit("frame",t))}setCompare(t){this.compare=t,this.emit("frame",this.frame)}_show(t){let e=this.run.steps[t];this.frame=t;let s=e.document??this.whole;if(s!==this.document){let o=this.selected===null?"":this.engine.label(this.selected);this._load(s),this.selected=this._labelled(o),this._take(e),this.emit("document",s);return}this._clearBug(),this._take(e),this.t=this.total,this._state=null}_take(t){let e=t.document?.nodes??t;t.decoded??={value:Float64Array.from(e.value,K),grad:Float64Array.from(e.grad,K)},this.engine.load(t.decoded.value,t.slopes),this.recorded=t.changes?.mixed?null:t.decoded}_labelled(t){let e=null;for(let s=0;t&&s<this.engine.n;s++)if(this.engine.label(s)===t){if(e!==null)return null;e=s}return e}recording(t){let e=this.run.steps[t];return e.document?null:(e.decoded??={value:Float64Array.from(e.value,K),grad:Float64Array.from(e.grad,K)},e.decoded)}series(t){let e=this.run.steps.map((s,o)=>this.recording(o));return{value:e.map(s=>s?.value[t]??NaN),grad:e.map(s=>s?.grad[t]??NaN)}}solve(t){this.solved.add(t),this.emit("quiz",t)}};var fa=20,X=200;function W(n,t,e=n.session.engine.title(t)){return O(e,()=>n.show(t),{class:e.length>fa?"ui-link":"ui-link ui-whole"})}function Ge(n){return n?d("span",{class:"ui-place"},n):null}function G(n){return d("h3",{},n)}function C(n,t=null){return d("p",{class:t},n)}function Y(n,t=""){let[e,...s]=n.split(" = "),o=s.flatMap(i=>[" ",d("span",{},"= ",Rt(i))]);return d("p",{class:`ui-maths ${t}`.trim()},d("span",{},Rt(e)),o)}function Rt(n){return gs(n).map(t=>{if(typeof t=="string")return t;let[e,s]=t.map(o=>d("span",{},o));return d("span",{class:"ui-fraction"},e,d("span",{class:"ui-over"},"/"),s)})}function He(n){let t=n.filter(([,e])=>e!==null&&e!=="");return d("dl",{class:"ui-facts"},t.flatMap(([e,s])=>[d("dt",{},e),d("dd",{},s)]))}function zn(n){let t=e=>{delete e.target.dataset.written,n()};return{input:e=>e.target.dataset.written="",change:t,keydown:e=>e.key==="Enter"&&"written"in e.target.dataset&&t(e),blur:e=>delete e.target.dataset.written}}function Ln(n){return"written"in n.dataset}function fe(n,t,e,s={}){let o=d("input",{type:"number",step:"any",value:t,...s,on:zn(()=>e(o.valueAsNumber))});return{input:o,element:d("label",{class:"ui-field"},d("span",{},n),o)}}function Mt(n,t,e){let s=d("input",{type:"checkbox",checked:t,on:{change:()=>e(s.checked)}});return{input:s,element:d("label",{class:"ui-check"},s,d("span",{},n))}}function _t(n,t=v(n)){return d("td",{class:"ui-number",title:typeof n=="number"?String(n):null},t)}var{compare:go}=new Intl.Collator("en",{numeric:!0});function pe(n){let t=[];for(let e=0;e<n.n;e++)n.kind[e]===1&&t.push([ht(n,e),n.title(e),e]);return t.sort((e,s)=>go(e[0],s[0])||go(e[1],s[1])||e[2]-s[2]).map(([,,e])=>e)}function Ve(n){return[...n].every(t=>t==="step"||t==="play"||t==="break")}var Bn={first:"M2 2h2v12H2zM14 2v12L5 8z",back:"M12 2v12L4 8z",play:"M4 2l9 6-9 6z",pause:"M3 2h4v12H3zM9 2h4v12H9z",next:"M4 2l8 6-8 6z",last:"M12 2h2v12h-2zM2 2l9 6-9 6z"},pa="Press n or → to compute the first node, Space to play them all.";function ga(n,t,e){if(t===null)return"no breakpoint on the way: this is the end";let s=P(n,t.node),o={nan:"its gradient is NaN",infinite:"its gradient is infinite",bound:`its gradient is larger than ${e}`,second:"it gets its second contribution"};return`stopped at ${s} behind step ${t.t}: ${o[t.why]}`}function mo(n){let{session:t}=n,e=100,s=(z,q,y)=>O(en(Bn[z]),y,{class:"ui-icon","aria-label":q,title:q}),o=s("first","To the start (Home)",()=>t.first()),i=s("back","One step back (←)",()=>t.back()),r=s("play","Play (Space)",()=>t.toggle()),a=s("next","One step on (→)",()=>t.next()),l=s("last","To the end (End)",()=>t.last()),h=d("input",{type:"range",class:"ui-steps",min:0,step:1,"aria-label":"Step",on:{input:()=>t.go(h.valueAsNumber)}}),c=d("select",{on:{change:()=>t.setSpeed(Number(c.value))}},po.map(z=>d("option",{value:z},`${z} /s`))),u=d("p",{class:"ui-where"}),p=d("p",{class:"ui-begin"},pa),f=O("Jump to node",()=>n.jump(),{class:"ui-jump"}),{breakpoints:g}=t,m=fe("bound",e,z=>{z>=0&&(e=z,b.input.checked&&(g.bound=e))},{min:0,"aria-label":"bound of |gradient|"}),b=Mt("|gradient| over",g.bound!==null,z=>g.bound=z?e:null),w=Mt("gradient NaN or infinite",g.nonfinite,z=>g.nonfinite=z),x=Mt("second contribution to a node",g.second,z=>g.second=z),$=d("p",{class:"ui-said",role:"status"}),A=d("fieldset",{class:"ui-row ui-breaks"},d("legend",{},"Stop where"),w.element,d("span",{class:"ui-check"},b.element,m.input),x.element,O("Run to breakpoint",()=>t.runToBreak(),{title:"Run to breakpoint (b)"}),$),R=d("section",{class:"ui-bar","aria-label":"Stepping"},d("div",{class:"ui-row"},d("div",{class:"ui-buttons"},o,i,r,a,l),h,d("label",{class:"ui-field"},d("span",{},"speed"),c),f),d("div",{class:"ui-row"},u,p),d("details",{class:"ui-stops"},d("summary",{},"Breakpoints"),A));function j(){let{t:z,total:q,playing:y}=t;T(h,"max",q),h.value=z,T(h,"aria-valuetext",zt(t)),N(u,zt(t)),p.hidden=z>0,o.disabled=i.disabled=z===0,a.disabled=l.disabled=z===q;let M=y?"Pause (Space)":"Play (Space)";r.getAttribute("aria-label")!==M&&(T(r,"aria-label",M),T(r,"title",M),B(r,en(y?Bn.pause:Bn.play))),Number(c.value)!==t.speed&&(c.value=t.speed);let{selected:E,engine:S}=t;N(f,E===null?"Jump to node…":`Jump to ${it(S.title(E),18)}`)}function F(z){R.querySelector("details").open=!0,N($,ga(t.engine,z,g.bound))}return{element:R,update:j,stopped:F}}function ma(n,{grad:t,right:e}){let s=0;for(let o=0;o<n.n;o++)n.kind[o]!==2&&!pt(t[o],e[o])&&s++;return s}function Cn(n){let{session:t}=n,e=new Map,s=d("ul",{class:"ui-bugs"}),o=d("div",{},C("Each switch makes one classic mistake of those who write backpropagation. The picture shows what comes of it."),s);function i(){e=new Map(t.bugs().map(u=>[u.name,r(u)])),B(s,[...e.values()].map(u=>u.element))}function r(u){let p=d("span",{class:"ui-knob","aria-hidden":"true"}),f=d("button",{type:"button",role:"switch","aria-checked":"false",class:"ui-switch",disabled:!u.possible,on:{click:()=>a(u.name)}},p,d("span",{},u.title)),g=d("div",{role:"status"});return{element:d("li",{},f,g,d("p",{},u.text),u.possible?null:C(`Not here: ${u.why}.`,"ui-note"),d("div",{class:"ui-codes"},l("wrong",u.wrong),l("right",u.right))),knob:f,result:g}}function a(u){let p=t.setBug(t.bug===u?null:u);p&&p.first!==null&&n.show(p.first)}function l(u,p){return d("div",{class:`ui-${u}`},d("span",{},u),d("pre",{},d("code",{},p)))}function h(u){(u.has("values")||u.has("frame"))&&i();for(let[p,{element:f,knob:g,result:m}]of e){let b=t.bug===p;T(g,"aria-checked",String(b)),T(f,"data-on",b),b?B(m,...c(t.mistake)):m.firstChild&&N(m,"")}}function c(u){let{engine:p}=t,{first:f}=u,g=ma(p,u);if(f===null||g===0)return[C("At these numbers it happens to change nothing. That is what makes it hard to find.")];let m=t.hidden(f);return[He([["first wrong node",W(n,f)],["its gradient",m?"?":v(u.grad[f])],["right would be",m?"?":v(u.right[f])],["its value",u.value[f]===p.value[f]?null:`${v(u.value[f])} instead of ${v(p.value[f])}`],["made at",u.node===null||u.node===f?null:W(n,u.node)],["wrong gradients",`${g} of ${p.kind.reduce((b,w)=>b+(w!==2),0)}`]])]}return{name:"bugs",title:"Bug lab",element:o,update:h,rebuild:i}}var wo=12,wa={"\\":"\\textbackslash{}","{":"\\{","}":"\\}",$:"\\$","&":"\\&","#":"\\#","%":"\\%",_:"\\_","^":"\\textasciicircum{}","~":"\\textasciitilde{}","<":"\\textless{}",">":"\\textgreater{}","|":"\\textbar{}",'"':"\\textquotedbl{}","−":"-"};function yo(n){return n.replace(/[\u0000-\u001f\u007f]/g," ").replace(/[\\{}$&#%_^~<>|"−]/g,e=>wa[e])}function ge(n){let t=n.match(/^([A-Za-z])(?:_?(\d+))?$/);if(t)return t[2]?`${t[1]}_{${t[2]}}`:t[1];if(/^(?:[A-Za-z]\d+){2,}$/.test(n))return n.replace(/([A-Za-z])(\d+)/g,"$1_{$2}");let e=n.match(/^([A-Za-z]{2,})(?:_?(\d+))?$/);return e?e[2]?`\\mathit{${e[1]}}_{${e[2]}}`:`\\mathit{${e[1]}}`:/^−?[\d.]+$/.test(n)?n.replace("−","-"):`\\text{${yo(n)}}`}function xt(n){let t=v(n).replaceAll("−","-");if(t==="NaN")return"\\mathrm{NaN}";if(t==="–")return"?";let[e,s]=t.replace("∞","\\infty").split("e");return s===void 0?e:`${e} \\times 10^{${s}}`}function Rn(n){let t=xt(n);return t.startsWith("-")?`\\left(${t}\\right)`:t}function At(n,t,e=n.root){return`\\frac{\\partial ${ge(n.title(e))}}{\\partial ${ge(n.title(t))}}`}function bo(n,t){return n.replace(/\{\{|\}\}|\{(\d+)\}/g,(e,s)=>s===void 0?e[0]:t[s])}function vo(n,t){let{engine:e}=n,{latex:s,unknown:o}=e.operation(t);if(o)return`${ge(e.title(t))} = \\text{${yo(Vt(e,t))}} = ${xt(n.value(t))}`;let i=e.operands(t),r=bo(s,i.map(l=>ge(e.title(l)))),a=bo(s,i.map(l=>Rn(n.value(l))));return`${ge(e.title(t))} = ${r} = ${a} = ${xt(n.value(t))}`}function ba(n,{node:t,id:e,edge:s,slope:o,upstream:i,amount:r}){let{engine:a}=n,l=n.veils(t)?"?":xt(i),h=n.veils(e)?"?":xt(r);return`${`${At(a,t)} \\cdot ${At(a,e,t)}`} = ${l} \\cdot ${n.conceals(s)?"?":Rn(o)} = ${h}`}function ko(n,t,e,s){let{engine:o}=n,i=At(o,t);if(e.length===1)return`${i} = ${ba(n,{...e[0],id:t})}`;let r=xo(e,({node:l})=>`${At(o,l)} \\cdot ${At(o,t,l)}`);if(n.veils(t))return`${i} = ${r} = \\text{?}`;let a=xo(e,({amount:l},h)=>h?Rn(l):xt(l));return`${i} = ${r} = ${a} = ${xt(s)}`}function xo(n,t){let e=n.slice(0,wo).map(t);return n.length>wo&&e.push("\\cdots"),e.join(" + ")}function $o(n){return n.length===1?n[0]:`\\begin{aligned}
${n.map(e=>`  ${e.replace(" = "," &= ")}`).join(` \\\\
`)}
\\end{aligned}`}var St=40;function Mo(n){let t=n.engine.change(n.t);return t?.phase!=="backward"?[]:[...new Set(t.operands.filter(({sent:s})=>s).map(({id:s})=>s))].slice(0,St).map(s=>{let o=kt(n.engine,s);return{id:s,shares:ws(n.engine,o,n.t),all:o.length,sum:n.shown.grads[s]}})}function Xe(n,t=Mo(n)){let{engine:e}=n,s=n.shown.last;if(!s)return"";if(s.phase==="forward")return vo(n,s.node);if(s.phase==="seed")return`${At(e,s.node)} = 1`;let o=t.map(({id:i,shares:r,sum:a})=>ko(n,i,r,a));return o.length?$o(o):`${At(e,s.node)} = ${n.veils(s.node)?"?":xt(n.grad(s.node))}`}function _o(n){let{session:t}=n,e=d("div"),s=d("textarea",{readonly:!0,rows:4,"aria-label":"LaTeX of the chain rule"}),o=d("span",{role:"status"}),i=d("div",{class:"ui-latex"},O("Copy LaTeX",async()=>{s.value=Xe(t),o.textContent=await ye(s)?"copied":"select the text and copy it"}),o,s),r=d("div",{},e,i);function a(){let{engine:g}=t,m=g.change(t.t);o.textContent="";let b=Mo(t);s.value=Xe(t,b),i.hidden=!m;let w=t.mistake?C("A mistake is switched on in the bug lab; this is how the step goes right.","ui-note"):null;if(!m){B(e,G(zt(t)),C("The leaves have their values. Step on (→) to compute the nodes one by one, then to send gradients back."));return}let x={forward:l,seed:c,backward:u}[m.phase];B(e,G(zt(t)),w,x(g,m,b))}function l(g,{node:m,operands:b}){return[Y(ms(t,m),"ui-main"),G("Local derivatives"),h(g,b.slice(0,St)),b.length>St?C(`… and ${b.length-St} operands more`):null]}function h(g,m){let b=m.map(({id:w,edge:x,value:$,constant:A})=>d("tr",{},d("th",{scope:"row"},W(n,w)),_t($),d("td",{class:"ui-maths"},A?"constant: no gradient":Rt(It(t,x)))));return d("table",{class:"ui-small"},d("caption",{class:"ui-hidden"},"Operands of this step"),d("thead",{},d("tr",{},...["operand","value","local derivative"].map(w=>d("th",{scope:"col"},w)))),d("tbody",{},b))}function c(g,{node:m}){return[Y(`${I(g,m)} = 1`,"ui-main"),C("Backpropagation starts here: the root by itself has slope 1. Every other gradient is 0 until a share comes.")]}function u(g,{node:m,operands:b},w){let x=`${I(g,m)} = ${dt(t,m,t.shown.grads[m])}`,$=new Map(w.map(A=>[A.id,A.all]));return[d("p",{},Rt(`${P(g,m)} has ${x} and passes it on:`)),...b.slice(0,St).flatMap(A=>p(g,m,A,$.get(A.id))),b.length>St?C(`… and ${b.length-St} operands more`):null,...w.flatMap(A=>f(g,A)),G("Local derivatives"),h(g,b.slice(0,St))]}function p(g,m,b,w){let{id:x,edge:$,slope:A,constant:R,sent:j,before:F,amount:z,after:q}=b;if(R)return[C(`${g.title(x)} is a constant: it gets no gradient.`)];if(!j)return[C(`${g.title(x)} was not chosen: it gets nothing.`)];let y=w>1?`share of ${I(g,x)}`:I(g,x),M=Xt(t,{node:m,id:x,edge:$,slope:A,upstream:t.shown.grads[m],amount:z},y),E=[Y(M,"ui-main")];return!t.veils(x)&&(F!==0||q!==z)&&E.push(Y(`${I(g,x)}: ${v(F)} + ${at(z)} = ${v(q)}`)),E}function f(g,{id:m,shares:b,all:w,sum:x}){if(w<2)return[];let $=w>b.length?`${b.length} of ${w} so far`:`all ${w}`,A=Yt(t,m,b,x);return[G(`Shares of ${I(g,m)}: ${$}`),A===null?null:Y(A)]}return{name:"step",title:"Step",element:r,update:a}}function jn(n){return n.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu,"-").replace(/^-+|-+$/g,"").slice(0,40)}function xa(n,t){return`${jn(n)||"graph"}-step-${t}`}function Ao(n){let{session:t}=n,e=d("span",{role:"status"}),s=()=>xa(t.whole.title??"",t.t),o=(a,l)=>O(a,async()=>{try{await l(),N(e,""),r()}catch(h){N(e,`not possible here: ${h.message}`)}}),i=d("details",{class:"ui-menu",on:{focusout:a=>a.relatedTarget&&!i.contains(a.relatedTarget)&&r()}},d("summary",{},"Export"),d("div",{class:"ui-items"},o("Picture as SVG",()=>qt(`${s()}.svg`,he(n.graph),"image/svg+xml")),o("Picture as PNG",async()=>qt(`${s()}.png`,await ks(n.graph),"image/png")),o("Chain rule as LaTeX",()=>qt(`${s()}.tex`,`${Xe(t)}
`,"application/x-tex")),e));function r(){if(!i.open)return!1;let a=i.contains(n.focused());return i.open=!1,a&&i.querySelector("summary").focus(),!0}return{element:i,close:r}}var ya=60;function va(n,t,e=ya){let s=t.trim().toLowerCase();if(!s)return{found:[],more:0};let o=[[],[],[],[],[]];for(let r=0;r<n.n;r++){let a=ka(n,r,s);a!==null&&o[a[0]].push({id:r,why:a[1]})}let i=o.flat();return{found:i.slice(0,e),more:Math.max(0,i.length-e)}}function ka(n,t,e){let s=n.title(t).toLowerCase();if(s===e)return[0,Z(n,t)];if(s.startsWith(e))return[1,Z(n,t)];let o=n.operation(t);if(o&&(o.name===e||o.symbol.toLowerCase()===e||Z(n,t)===e))return[2,Z(n,t)];if(s.includes(e))return[3,Z(n,t)];let i=n.source(t),r=n.document.lines?.[i]??"";return i&&(i.toLowerCase().includes(e)||r.toLowerCase().includes(e))?[4,r?`${i.split(/[\\/]/).at(-1)}  ${r}`:i]:o?.name.includes(e)?[4,o.name]:null}function So(n){let{session:t}=n,e=Nt("results"),s=[],o=0,i=-1,r=d("input",{type:"search",role:"combobox","aria-label":"Find a node by label, operation or source line","aria-expanded":"false","aria-controls":e,"aria-autocomplete":"list",autocomplete:"off",spellcheck:"false",placeholder:"Find ( / )",on:{input:()=>c(),keydown:b=>g(b),focus:()=>s.length&&u(!0)}}),a=d("ul",{id:e,role:"listbox","aria-label":"Nodes found",hidden:!0}),l=d("span",{class:"ui-hidden",role:"status"}),h=d("div",{class:"ui-find",role:"search",on:{focusout:b=>m(b)}},r,a,l);function c(){({found:s,more:o}=va(t.engine,r.value)),i=-1;let b=s.map(({id:$,why:A},R)=>d("li",{id:`${e}-${R}`,role:"option","aria-selected":"false",on:{pointerdown:j=>j.preventDefault(),click:()=>f(R)}},d("span",{class:"ui-name"},t.engine.title($)),d("span",{class:"ui-why"},[ht(t.engine,$),A].filter(Boolean).join(" · ")))),w=r.value.trim(),x=o?`${s.length} shown, ${o} more`:s.length===1?"1 node":`${s.length} nodes`;w&&b.push(d("li",{role:"option","aria-disabled":"true","aria-selected":"false",class:"ui-count"},s.length?x:"nothing found")),B(a,b),l.textContent=w?x:"",u(w!=="")}function u(b){a.hidden=!b,T(r,"aria-expanded",String(b)),b||T(r,"aria-activedescendant",null)}function p(b){i>=0&&T(a.children[i],"aria-selected","false"),i=b;let w=a.children[b];T(w,"aria-selected","true"),T(r,"aria-activedescendant",w.id),w.offsetTop<a.scrollTop&&(a.scrollTop=w.offsetTop);let x=w.offsetTop+w.offsetHeight-a.clientHeight;x>a.scrollTop&&(a.scrollTop=x)}function f(b){u(!0),p(b),n.show(s[b].id)}function g(b){let w=s.length;if(b.key==="Escape")u(!1),n.leave();else if(w)if(b.key==="Enter")f((i+(b.shiftKey?w-1:1)+(b.shiftKey&&i<0?1:0))%w);else if(b.key==="ArrowDown")p((i+1)%w);else if(b.key==="ArrowUp")p((i+w-1+(i<0))%w);else return;else return;a.hidden&&b.key!=="Escape"&&u(!0),b.preventDefault(),b.stopPropagation()}function m(b){h.contains(b.relatedTarget)||u(!1)}return{element:h,focus(){r.focus(),r.select()},rebuild(){s=[],B(a),u(!1)}}}var Fn=[{keys:["ArrowRight","n","N"],shown:"→ or n",action:"next",text:"one step on"},{keys:["ArrowLeft","p","P"],shown:"← or p",action:"back",text:"one step back"},{keys:[" "],shown:"Space",action:"toggle",text:"play, pause"},{keys:["Home","0"],shown:"Home or 0",action:"first",text:"to the start: nothing computed"},{keys:["End","e","E"],shown:"End or e",action:"last",text:"to the end: all gradients known"},{keys:["b","B"],shown:"b",action:"break",text:"run to the next breakpoint"},{keys:["j","J"],shown:"j",action:"jump",text:"jump to the selected node's backward step"},{keys:["/"],shown:"/",action:"find",text:"find a node by label, operation or source line"},{keys:["t","T"],shown:"t",action:"table",text:"the table view"},{keys:["l","L"],shown:"l",action:"leaves",text:"the leaves"},{keys:["g","G"],shown:"g",action:"fit",text:"the whole graph in view"},{keys:["+","="],shown:"+",action:"zoomIn",text:"zoom in"},{keys:["-","_"],shown:"−",action:"zoomOut",text:"zoom out"},{keys:["1","2","3","4","5","6","7","8"],shown:"1 … 8",action:"tab",text:"open a panel"},{keys:["Escape"],shown:"Esc",action:"escape",text:"leave a field, close what is open, else select nothing"},{keys:["?"],shown:"?",action:"help",text:"this list"}],$a=new Set(["INPUT","SELECT","TEXTAREA"]),Ma=new Set(["range","checkbox","radio","button"]),_a=new Set(["BUTTON","SUMMARY","A"]),To=new Set(["ArrowLeft","ArrowRight"]),Aa=new Set([...To,"Home","End"]);function Pn(n){return Ma.has(n?.type)?!1:$a.has(n?.tagName?.toUpperCase?.())||n?.isContentEditable===!0}function Eo({key:n,ctrlKey:t,metaKey:e,altKey:s,defaultPrevented:o},i){if(t||e||s||o||Pn(i))return null;let r=i?.tagName?.toUpperCase?.()??"";return(_a.has(r)||i?.type==="checkbox")&&(n===" "||n==="Enter")||i?.type==="range"&&Aa.has(n)||i?.getAttribute?.("role")==="tab"&&To.has(n)?null:Fn.find(({keys:a})=>a.includes(n))?.action??null}function No(n){let t=Nt("help"),e=[["Everywhere but in a field",Fn],...n].filter(([,o])=>o.length),s=d("dialog",{class:"ui-help","aria-labelledby":t},d("h2",{id:t},"Keys"),...e.flatMap(([o,i])=>[d("h3",{},o),d("dl",{class:"ui-keys"},i.flatMap(({shown:r,text:a})=>[d("dt",{},d("kbd",{},r)),d("dd",{},a)]))]),d("p",{},"Every number is followed by the graph: leaves are moved in the panel Leaves, by slider, number, or nudge."),O("Close",()=>s.close(),{class:"ui-primary"}));return s}function Sa({class:n,marks:t}){if(!t)return`${n}: no gradients yet`;let e=t.filter(o=>o===1).length,s=t.filter(o=>o===-1).length;return`${n}: ${v(e)} of ${v(e+s)} gradients right`}function Oo(n){let{session:t}=n,e=d("div");function s(){let{judged:i}=t.document,r=Object.keys(i.reasons).map(Number).reverse(),a=r.filter(h=>i.marks[h]===-1),l=r.filter(h=>i.marks[h]===0);B(e,C(Sa(i),"ui-main"),t.engine.moved?C("Leaves were moved here: this is about the numbers they had in Python."):null,...i.mistakes.length?[G("What probably went wrong")]:[],...i.mistakes.map(h=>C(h)),...o("Wrong",a),...o("Not judged",l),...i.notes.map(h=>C(h,"ui-note")))}function o(i,r){if(!r.length)return[];let{judged:a}=t.document,l=r.slice(0,X).map(h=>d("li",{},W(n,h),`: ${a.reasons[h]}`));return[G(`${i} (${r.length})`),d("ul",{class:"ui-links"},l),r.length>X?C(`… and ${r.length-X} more`):null]}return{name:"judged",title:"Judged",element:e,update:s}}var Ta=200;function qn(n){if(!Number.isFinite(n))return{min:-1,max:1};let t=Math.max(1,2*Math.abs(n));return{min:n-t,max:n+t}}function Ea(n){let t=n/Ta,e=10**Math.floor(Math.log10(t));return[1,2,5,10].find(s=>s*e>=t*.999)*e}function Io(n,t,e){let s=e.trim().toLowerCase();return s?t.filter(o=>`${ht(n,o)} ${n.title(o)}`.toLowerCase().includes(s)):t}function Na(n,t,e,{predicted:s,actual:o}){let{engine:i}=n,r=P(i,i.root);if(Number.isNaN(o)&&i.stuck.includes(1))return`${P(i,t)} + ${at(e)}: an operation of your own is on the way, which is not recomputed here`;let a=n.hidden(t)?"?":v(s/e),l=n.hidden(t)?"?":v(s,6),h=n.hidden(t)?"":`; they differ by ${v(Math.abs(o-s),2)}`;return`${P(i,t)} + ${at(e)}: predicted change of ${r} = ${I(i,t)} · h = ${a} · ${at(e)} = ${l}, actual ${v(o,6)}${h}`}function zo(n){let{session:t}=n,e=new Set,s=.001,o=.05,i=new Map,r=d("input",{type:"search",on:{input:()=>A()}}),a=fe("h",s,y=>s=y),l=fe("rate",o,y=>o=y,{min:0}),h=d("p",{class:"ui-said",role:"status"}),c=Mt("all",!1,y=>w(y)),u=d("p",{class:"ui-note"}),p=d("tbody"),f=O("Gradient-descent step (−)",()=>x(1),{title:"each chosen leaf − rate · gradient"}),g=O("Ascent step (+)",()=>x(-1),{title:"each chosen leaf + rate · gradient"}),m=d("table",{class:"ui-leaves"},d("caption",{class:"ui-hidden"},"Leaves: the variables that can be moved"),d("thead",{},d("tr",{},...["leaf","value","gradient","nudge"].map(y=>d("th",{scope:"col"},y)))),p),b=d("div",{},d("div",{class:"ui-row"},d("label",{class:"ui-field"},d("span",{},"filter"),r),a.element,O("Reset all",()=>t.reset())),d("div",{class:"ui-row"},c.element,l.element,f,g),h,u,m);function w(y){for(let M of Io(t.engine,pe(t.engine),r.value))y?e.add(M):e.delete(M);for(let[M,E]of i)E.check.checked=e.has(M)}function x(y){let{engine:M}=t;if(!e.size){N(h,"Choose leaves first: tick the boxes before their names.");return}if(!Number.isFinite(o))return;let{before:E,after:S}=t.descend([...e],y*o),D=P(M,M.root),H=`${e.size} ${e.size===1?"leaf":"leaves"} ${y>0?"−":"+"} ${v(o)}`,J=S<E?"down":S>E?"up":"the same";N(h,`${H} · gradient: ${D} from ${v(E,6)} to ${v(S,6)} (${J})`)}function $(y){if(!Number.isFinite(s)||s===0){N(h,"h must be a number other than 0.");return}N(h,Na(t,y,s,t.nudge(y,s)))}function A(){let{engine:y}=t,M=Io(y,pe(y),r.value);i=new Map(M.slice(0,X).map(E=>[E,j(y,E)])),B(p,[...i.values()].map(E=>E.element)),N(u,R(M.length)),F()}function R(y){return y>X?`${X} of ${y} leaves: filter by name to see others`:y?"":r.value?"No leaf has such a name.":"This graph has no leaf that can be moved."}function j(y,M){let E=ht(y,M),S=E?`${y.title(M)} of ${E}`:y.title(M),D=Pt=>{Number.isFinite(Pt)&&t.setValue(M,Pt)},H=d("input",{type:"range","aria-label":`${S}, slider`,on:{input:()=>D(H.valueAsNumber)}}),J=d("input",{type:"number",step:"any","aria-label":`${S}, value`,on:{...zn(()=>D(J.valueAsNumber)),focus:()=>J.value=t.engine.value[M]}}),Tt=d("input",{type:"checkbox","aria-label":`${S}, in the descent step`,on:{change:()=>Tt.checked?e.add(M):e.delete(M)}});Tt.checked=e.has(M);let gt=d("td",{class:"ui-number"});return{element:d("tr",{},d("th",{scope:"row"},d("span",{class:"ui-check"},Tt,W(n,M)),Ge(E)),d("td",{},d("span",{class:"ui-value"},J,H)),gt,d("td",{},O("+ h",()=>$(M),{"aria-label":`nudge ${S} by h`}))),slider:H,field:J,check:Tt,grad:gt}}function F(){for(let[y,{element:M,slider:E,field:S,grad:D}]of i){let H=t.engine.value[y];z(E,H,t.engine.original[y]),E.value=H,n.focused()===S&&!Ln(S)?S.value=H:Ln(S)||(S.value=Number.isFinite(H)?Number(H.toPrecision(6)):""),T(S,"title",String(H)),N(D,dt(t,y)),T(M,"data-selected",t.selected===y)}}function z(y,M,E){let{min:S,max:D}=qn(E),H=M<S?qn(M).min:S,J=M>D?qn(M).max:D;T(y,"min",H),T(y,"max",J),T(y,"step",Ea(J-H))}function q(){e.clear(),c.input.checked=!1,N(h,""),A()}return{name:"leaves",title:"Leaves",element:b,update:F,rebuild:q}}var jt=50;function Oa(n,t){if(n.engine.kind[t]===2)return null;if(n.hidden(t))return"shown when the gradient is found";if(!n.complete)return"shown when backpropagation is through";let e=v(n.engine.difference(t),7),s=n.verdict(t)?n.engine.agrees(t):n.agrees(t);return s===!0?`✓ agrees with the central difference ${e}`:s===!1?`✗ the central difference is ${e}`:`cannot be told: the central difference is ${e} (a kink, a number that is not finite, or one that is not recomputed here)`}function Ia(n,t){let e=n.python(t);return e===null?null:`⚠ ${v(e,7)}: not the derivative. backward() was called more than once, or a rule is wrong`}function Lo(n){let{session:t}=n,e=d("div");function s(){let{engine:l,selected:h}=t;if(h===null){B(e,C("Nothing is selected. Click a node, or find one by name (/)."));return}let c=l.operation(h),u=l.source(h),p=l.document.lines?.[u],f=c!==null;B(e,G(l.title(h)),He([["value",o(t.value(h))],["out of date",t.note(h)||null],["gradient",l.kind[h]===2?"none: a constant":t.hidden(h)?dt(t,h):o(t.grad(h))],["in Python",Ia(t,h)],[`in ${l.document.judged?.class}`,Ae(t,h)],["right gradient",t.mistake&&!t.hidden(h)?o(t.mistake.right[h]):null],["check",Oa(t,h)],["operation",f?`${P(l,h)} = ${Vt(l,h)}`:Z(l,h)],["recomputed here",l.frozen(h)?"no: an operation of your own, its value stays as it was":null],["group",ht(l,h)],["source",u&&d("span",{},u,p?d("code",{class:"ui-code"},p):null)]]),d("div",{class:"ui-row"},f?O("Go to its forward step",()=>t.jump(h,"forward")):null,l.kind[h]===2?null:O("Go to its backward step",()=>t.jump(h)),l.kind[h]===1?O("Move it",()=>n.openTab("leaves")):null,l.kind[h]===1?O("Its paths",()=>n.openTab("paths")):null),f?i(l,h):null,r(l,h),l.kind[h]===2?null:a(l,h))}function o(l){return d("span",{title:l===null?null:String(l)},l===null?"not known at this step":v(l,7))}function i(l,h){let c=l.operands(h).map((u,p)=>{let f=l.kind[u]===2?"constant":Rt(It(t,l.start[h]+p));return d("tr",{},d("th",{scope:"row"},W(n,u)),_t(t.value(u)),d("td",{class:"ui-maths"},f))});return d("table",{class:"ui-small"},d("caption",{},`Operands (${c.length})`),d("thead",{},d("tr",{},...["name","value","local derivative"].map(u=>d("th",{scope:"col"},u)))),d("tbody",{},c.slice(0,jt)))}function r(l,h){let c=[...new Set(l.users(h).map(({node:u})=>u))];return c.length?[G(`Used by (${c.length})`),d("ul",{class:"ui-links"},c.slice(0,jt).map(u=>d("li",{},W(n,u)))),c.length>jt?C(`… and ${c.length-jt} more`):null]:C(h===l.root?"This is the root: nothing uses it.":"Nothing uses it.")}function a(l,h){let c=kt(l,h);if(h===l.root)return[G("Gradient"),Y(`${I(l,h)} = 1`)];let u=c.slice(0,jt).map(f=>{let g=l.stepOf(f.node)<=t.t,m=c.length>1?`share of ${I(l,h)}`:I(l,h);return g?Y(Xt(t,{...f,id:h},m)):Y(`${m} = ${I(l,f.node)} · ${I(l,h,f.node)}: not yet`)}),p=t.complete?Yt(t,h,c,l.grad[h]):null;return[G(c.length===1?"Its gradient":`Its gradient: the sum of ${c.length} shares`),...c.length?u:[C("No gradient comes: no path leads from here to the root.")],c.length>jt?C(`… and ${c.length-jt} more`):null,p===null?null:Y(p,"ui-main")]}return{name:"node",title:"Node",element:e,update:s}}var Co=14,Bo=12;function za(n){let t=n.toString();return t.length<=15?ot(n):`about ${t[0]}.${t.slice(1,3)} · 10^${t.length-1}`}function Ro(n,t=Co){if(n.length<=t)return n;let e=Math.floor(t/2);return[...n.slice(0,e),null,...n.slice(n.length-e)]}function La(n,{edges:t,product:e},s=()=>!1){let o=Ro(t).map((i,r)=>i===null?"…":s(i)?"?":r?at(n.slope[i]):v(n.slope[i]));return o.length===1?v(e):`${o.join(" · ")} = ${v(e)}`}function Ba(n,t,{paths:e,sum:s}){let o=e.slice(0,Bo).map(({product:r},a)=>a?at(r):v(r));e.length>Bo&&o.push("…");let i=I(n,t);return o.length>1?`${i} = ${o.join(" + ")} = ${v(s)}`:`${i} = ${v(s)}`}function jo(n){let{session:t}=n,e=d("div");function s(i){let{engine:r,selected:a}=t;if(Ve(i))return;if(a===null){B(e,C("Click a leaf: every path from it to the root is listed here."));return}let l=G(`From ${P(r,a)} to ${P(r,r.root)}`);if(r.kind[a]===2){B(e,l,C("A constant has no gradient, and so no path that matters."));return}if(t.hidden(a)){B(e,l,C("This gradient is part of the exercise: find it first, then come back."));return}let h=r.paths(a),c=h.count===1n?"1 path":`${za(h.count)} paths`;if(h.paths===null){B(e,l,C(`${c}: counted, not listed. Backpropagation sums them all without walking each.`),Y(`${I(r,a)} = ${v(h.sum)}`,"ui-main"));return}if(!h.paths.length){B(e,l,C("No path that sends a gradient leads from here to the root: the gradient is 0."));return}B(e,l,C(`${c}, each with its product of local derivatives; their sum is the gradient.`),Y(Ba(r,a,h),"ui-main"),d("ol",{class:"ui-paths"},h.paths.map(u=>o(u))))}function o(i){let r=Ro(i.nodes).flatMap((a,l)=>[l?" → ":"",a===null?`… ${i.nodes.length-Co} more …`:W(n,a)]);return d("li",{},d("span",{},r),Y(La(t.engine,i,a=>t.conceals(a))))}return{name:"paths",title:"Paths",element:e,update:s}}function te(n){let[t,e,...s]=Po(n).split("/").map(o=>o===""?NaN:Number(o));return s.length?NaN:e===void 0?t:t/e}function Po(n){return n.replace(/\s+/g,"").replace(/[‐‑‒–—−﹣－]/g,"-").split("/").map(t=>t.replace(",",".")).join("/")}function qo(n,t,e){let s=e.map(([i,r])=>[i,r==="shown"?r:Ca(r)]).filter(([,i])=>i).map(([i,r])=>`${Fo(i)}~${r}`),o=`gg1:${n==null?"":Fo(String(n))}:${t}:${s.join(";")}`;return`${o}:${Ra(o).toString(16).padStart(8,"0")}`}function Ca(n){let t=te(n);if(Number.isNaN(t))return"";let e=Po(n);return/^[-+.\de/]+$/i.test(e)?e:String(t)}function Fo(n){let t=e=>`%${e.charCodeAt(0).toString(16).toUpperCase()}`;return encodeURIComponent(n.toWellFormed?.()??n).replace(/[!'()*~]/g,t)}function Ra(n){let t=-1;for(let e=0;e<n.length;e++){t^=n.charCodeAt(e);for(let s=0;s<8;s++)t=t>>>1^(t&1?3988292384:0)}return~t>>>0}function Do(n){return{get(){try{return JSON.parse(localStorage.getItem(n))}catch{return null}},set(t){try{t===null?localStorage.removeItem(n):localStorage.setItem(n,JSON.stringify(t))}catch{}}}}var ja=.0051,Uo=.06,Fa=1e-9;function Ye(n,t,e=ja){return Number.isFinite(t)?Math.abs(n-t)<=Math.max(Fa,e*Math.abs(t)):Object.is(n,t)}function Wo(n,t,e){let s=n.grad[t];if(Number.isNaN(e))return{ok:!1,slip:"empty",reason:"that is no number"};if(Ye(e,s))return{ok:!0,slip:null,reason:"right"};for(let{slip:o,number:i,reason:r}of Pa(n,t))if(Number.isFinite(i)&&Ye(e,i))return{ok:!1,slip:o,reason:r};return Ye(e,s,Uo)?{ok:!1,slip:"rounding",reason:"close, but not rounded finely enough: give three significant digits"}:Ye(e,-s,Uo)?{ok:!1,slip:"sign",reason:"the sign is flipped, and it is rounded too roughly"}:{ok:!1,slip:"other",reason:"not this number: write down upstream gradient times local derivative for each use"}}function*Pa(n,t){let e=n.grad[t],s=kt(n,t),o=P(n,t);yield{slip:"sign",number:-e,reason:"the sign is flipped"},yield*qa(n,s,o);let i=r=>s.reduce((a,l)=>a+r(l),0);s.length&&(yield{slip:"local",number:i(({slope:r})=>r),reason:Da(n,t,s)},yield{slip:"upstream",number:i(({upstream:r})=>r),reason:Ua(n,t,s)});for(let r of s)yield*Wa(n,t,r,e-r.amount);yield{slip:"twice",number:2*e,reason:"twice too much: each share counts once, and gradients start from 0"},yield{slip:"value",number:n.value[t],reason:`that is the value of ${o}, not its gradient`}}function*qa(n,t,e){if(t.length<2)return;for(let{node:o,amount:i}of t)yield{slip:"one",number:i,reason:`only one of ${t.length} contributions: that through ${n.title(o)}. ${e} is used ${t.length} times: add them`};let s=t.reduce((o,{amount:i})=>o+i,0);for(let{node:o,amount:i}of t)yield{slip:"one",number:s-i,reason:`the contribution through ${n.title(o)} is missing`};yield{slip:"product",number:t.reduce((o,{amount:i})=>o*i,1),reason:"contributions are added, not multiplied"}}function Da(n,t,e){let{node:s}=e[0];if(e.length>1)return"local derivatives alone: multiply each by the gradient that comes from above";let o=`multiply by ${I(n,s)}`;return n.operation(s).name==="mul"?`that is the product's other factor, the local derivative without the gradient from above: ${o}`:`that is the local derivative ${I(n,t,s)} alone: ${o}`}function Ua(n,t,e){if(e.length>1)return"the gradients from above are passed on as they are: multiply each by its local derivative";let{node:s}=e[0],o=Z(n,s);return n.operation(s).name==="mul"?`the gradient from above without the local derivative: through a product goes the other factor, ${I(n,t,s)}`:o==="−"?`minus turns the sign: ${I(n,t,s)} = −1`:`${/^\p{L}/u.test(o)?`the derivative of ${o} is forgotten`:"the local derivative is forgotten"}: multiply ${I(n,s)} by ${I(n,t,s)}`}function*Wa(n,t,{node:e,edge:s,upstream:o},i){let r=n.operation(e).name,a=n.value[t],l=n.operands(e),h=l.filter((c,u)=>n.start[e]+u!==s).map(c=>n.value[c]);if(r==="mul"){let c=`multiplied by ${P(n,t)} itself: the derivative of a product is the other factor`;yield{slip:"factor",number:i+o*a,reason:c},i===0&&(yield{slip:"factor",number:a,reason:c})}if(r==="add"||r==="sub"){let c="a sum passes the gradient on as it is: what is added does not matter";for(let u of h)yield{slip:"summand",number:i+o*u,reason:c},yield{slip:"summand",number:i+o+u,reason:c},i===0&&(yield{slip:"summand",number:u,reason:c});yield{slip:"summand",number:i+o*a,reason:c}}if(l.length===1){let c=n.value[e],u=`multiplied by ${P(n,e)} itself, not by the derivative of ${r} there`;yield{slip:"derivative",number:i+o*c,reason:u},r==="tanh"&&(yield{slip:"derivative",number:i+o*(1-c),reason:"the derivative of tanh is 1 − tanh²: the square is missing"},yield{slip:"derivative",number:i+o*(1-a*a),reason:"the derivative of tanh is 1 − tanh², of its result, not of its operand"})}if(r==="pow"){let[c,u]=l.map(p=>n.value[p]);yield{slip:"power",number:i+o*c**(u-1),reason:"the exponent comes down as a factor: n · xⁿ⁻¹"},yield{slip:"power",number:i+o*u*c**u,reason:"the exponent goes down by one: n · xⁿ⁻¹"}}}function Go(n,t){let{engine:e}=n,s=kt(e,t);if(t===e.root)return["How does the root change when the root changes?"];if(!s.length)return["Is there any path from here to the root?"];let o=[...new Set(s.map(({node:l})=>e.title(l)))],i=s.length===1?"once":`${s.length} times`,r=n.whole.exercise?.solution===!1,a=[`${e.title(t)} is used ${i}, in ${o.slice(0,6).join(", ")}: `+(s.length===1?"one share.":"as many shares, added."),...[s.slice(0,6).map(({node:l})=>`${I(e,l)} · ${I(e,t,l)}`).join(" + ")].map(l=>`${I(e,t)} = ${l}`),s.slice(0,6).map(({edge:l})=>r||n.conceals(l)?Ga(e,l):It(n,l)).join("; ")];return r?a:[...a,`${I(e,t)} = ${s.slice(0,6).map(({node:l,edge:h,upstream:c})=>`${dt(n,l,c)} · ${un(n,h)}`).join(" + ")}`]}function Ga(n,t){return`${I(n,n.args[t],n.owner[t])} = ${cn(n,t)??"?"}`}function Ho(n,t){let{engine:e}=n;if(t===e.root)return[`${I(e,t)} = 1`];let s=kt(e,t);if(!s.length)return[`${I(e,t)} = 0: no path leads to the root`];let o=s.flatMap(r=>{let a=s.length>1?`share of ${I(e,t)}`:null;return[It(n,r.edge),Xt(n,{...r,id:t},a)]}),i=Yt(n,t,s,e.grad[t]);return i===null?o:[...o,i]}function Vo(n,t,e){let s=e-n-t;return[`${v(n)} of ${e} right`,t?`${t} shown`:null,s?`${s} to go`:"done"].filter(o=>o!==null).join(", ")}var Ke={text:"",tries:0,checked:!1,shown:!1};function Xo(n){let{session:t}=n,{quiz:e}=t,{id:s="",answers:o=null,solution:i=!0}=t.whole.exercise??{},r=[...e.blanks].sort((k,L)=>L-k),a=new Qt(t.whole),l=Object.assign(Object.create(t),{engine:a}),h=Do(`glassgrad quiz ${s} ${e.seed??""} ${e.blanks}`),c=JSON.stringify(o),u=new Map,p=new Map,f=d("p",{class:"ui-main",role:"status"}),g=d("ol",{class:"ui-quiz"}),m=d("div"),b=d("p",{class:"ui-note",role:"status",hidden:!0},"You moved a leaf. The answers are those for the numbers that the exercise came with. ",O("Put them back",()=>t.reset())),{sealed:w}=t,x=i===!1||w?null:O("Worked solution",()=>Gn(r)),$=i==="answered"?C("The worked solution opens once every gradient has an answer."):null,A=O("Start over",Tt),R=d("div",{role:"form","aria-label":"Answers",on:{keydown:k=>M(k),input:k=>E(k),focusout:()=>gt()}},g,d("div",{class:"ui-row"},w?null:O("Check",ne,{class:"ui-primary"}),x,A),w?C("This page does not check your answers. Hand them in to have them graded."):$),j=d("textarea",{readonly:!0,rows:3,hidden:!0,"aria-label":"My answers as a line of text"}),F=d("p",{class:"ui-note",role:"status"}),z=d("div",{},G(e.title||"Find the gradients"),C("Work them out from the root back: upstream gradient times local derivative, summed over all uses. Three significant digits will do."+(e.seed===null||e.seed===void 0?"":` (Numbers of seed ${e.seed}.)`)),b,f,R,d("div",{class:"ui-row"},O("Copy my answers",vi),O("Save",ki)),F,j,m);function q(){p=new Map(r.map(k=>[k,y(k)])),B(g,[...p.values()].map(k=>k.element)),H()}function y(k){let{engine:L}=t,V=d("input",{type:"text",inputmode:"text",autocomplete:"off",spellcheck:"false","aria-label":`gradient of ${L.title(k)}`,"data-node":k}),U=d("p",{class:"ui-verdict",role:"status"}),tt=0,lt=d("p",{class:"ui-note",role:"status"}),st=O("Hint",()=>{let oe=Go(l,k);N(lt,oe.slice(0,tt+1).join(" — ")),tt=Math.min(tt+1,oe.length-1)},{"aria-label":`Hint for ${L.title(k)}`});return{element:d("li",{},d("div",{class:"ui-row"},W(n,k,I(L,k))," = ",V,st),U,lt),input:V,verdict:U,more:st}}function M(k){k.key!=="Enter"||k.target.tagName!=="INPUT"||(k.preventDefault(),ne())}function E({target:k}){if(!k.dataset.node)return;let L=Number(k.dataset.node);u.set(L,{...Ke,...u.get(L),text:k.value}),D(),w&&se()}let S=k=>u.get(k)??Ke;function D(){h.set({base:c,answers:Object.fromEntries(u)})}function H(){if(!u.size){let k=h.get(),L=k?.base===c?k.answers:null;for(let V of r){let U=L?.[V];U&&typeof U=="object"?u.set(V,{...Ke,...U,text:String(U.text??"")}):!L&&o?.[V]&&u.set(V,{...Ke,...J(o[V])})}}if(u.size){for(let[k,{input:L}]of p)L.value=S(k).text;xe(),r.some(k=>S(k).shown)?Gn(r.filter(k=>S(k).shown)):se()}}function J(k){return k==="shown"?{shown:!0}:{text:k,tries:1,checked:!0}}function Tt(){if(!("sure"in A.dataset)){A.dataset.sure="",N(A,"Erase all answers?");return}gt(),u.clear(),h.set(o?{base:c,answers:{}}:null),t.solved.clear();for(let{input:k}of p.values())k.value="";B(m),N(F,""),j.hidden=!0,xe(),t.emit("quiz",null),se()}function gt(){delete A.dataset.sure,N(A,"Start over")}function ne(){if(w)return;for(let[L,{input:V}]of p){let{tries:U,shown:tt,...lt}=S(L);if(tt||be(L))continue;let st=Number.isNaN(te(V.value))?0:1;u.set(L,{...lt,shown:tt,text:V.value,tries:U+st,checked:V.value.trim()!==""})}D();let k=xe();k!==null&&p.get(k).input.focus(),se()}let Pt=k=>Wo(a,k,te(S(k).text)),be=k=>!w&&S(k).checked&&!S(k).shown&&Pt(k).ok;function xe(){let k=null;for(let[L,{input:V,verdict:U,element:tt}]of p){let{checked:lt,shown:st}=S(L),{ok:Et,reason:oe,slip:Xn}=lt&&!st&&!w?Pt(L):{ok:!1,slip:"empty",reason:""};N(U,Et?"✓ right":oe&&`✗ ${oe}`),T(tt,"data-verdict",Et?"right":Xn==="empty"?null:"wrong"),T(V,"aria-invalid",Et||Xn==="empty"?null:"true"),Et?t.solve(L):st||(k??=L)}return k}function Gn(k){for(let L of k)be(L)||u.set(L,{...S(L),shown:!0}),t.solve(L);D(),xe(),se(),B(m,G("Worked solution"),d("ol",{},r.filter(L=>!t.hidden(L)).map(L=>d("li",{},W(n,L),Ho(l,L).map(V=>Y(V))))))}function Hn(){let k=r.map(L=>[t.engine.title(L),S(L).shown?"shown":p.get(L).input.value]);return qo(e.seed,s,k)}async function vi(){j.value=Hn(),j.hidden=!1;let k=await ye(j);N(F,k?"Copied. Paste this line where your teacher asks for it.":"This page may not use the clipboard. The line is selected: copy it with Ctrl+C or ⌘C.")}function ki(){let k=`${jn(`answers ${e.seed??t.whole.title??""}`)}.txt`;qt(k,`${Hn()}

${JSON.stringify(t.whole)}
`,"text/plain"),N(F,`Saved as ${k}.`)}function se(){Vn();let k=[...u].map(([L,{text:V,tries:U,shown:tt}])=>{let lt=tt?NaN:te(V),{ok:st,slip:Et}=w?{ok:!1,slip:null}:{ok:be(L),slip:Pt(L).slip};return[L,{answer:Number.isFinite(lt)?lt:null,tries:U,ok:st,shown:tt,slip:Et}]});n.answered(Object.fromEntries(k))}function Vn(){let k=r.filter(be).length,L=r.filter(U=>S(U).shown).length,V=r.filter(U=>!Number.isNaN(te(S(U).text))).length;N(f,w?`${V} of ${r.length} answered`:Vo(k,L,r.length)),b.hidden=!t.engine.moved,x&&(x.disabled=i==="answered"&&!r.every(U=>S(U).tries||S(U).shown)),$&&($.hidden=!x.disabled);for(let[U,{input:tt,more:lt}]of p){let st=!t.hidden(U);tt.readOnly=st,lt.hidden=st||w}}return{name:"quiz",title:"Exercise",element:z,update:Vn,rebuild:q}}var Yo=[{key:"order",title:"node"},{key:"operation",title:"operation"},{key:null,title:"operands"},{key:"value",title:"value"},{key:"grad",title:"gradient"},{key:null,title:"local derivatives"}];function Ha(n,t,e){let{engine:s}=n,o=Array.from({length:s.n},(l,h)=>h),i=e?-1:1;if(t==="order")return e?o.reverse():o;if(t==="operation"){let l=o.map(h=>Z(s,h));return o.sort((h,c)=>i*l[h].localeCompare(l[c])||h-c)}let r=o.map(l=>n[t](l)??NaN),a=l=>!Number.isNaN(l);return o.sort((l,h)=>a(r[h])-a(r[l])||(a(r[l])?i*(r[l]-r[h]):0)||l-h)}function Va(n,t){let{engine:e}=n;if(n.value(t)===null)return"–";let s=i=>n.conceals(i)?"?":v(e.slope[i]);return e.operands(t).slice(0,8).map((i,r)=>e.kind[i]===2?"–":s(e.start[t]+r)).join(", ")+(e.operands(t).length>8?", …":"")}function Ko(n){let{session:t}=n,e="order",s=!1,o=0,i=new Map,r=[],a=null,l=d("caption"),h=Yo.map(({key:y,title:M})=>d("th",{scope:"col"},y?O(M,()=>w(y),{class:"ui-sort"}):M)),c=d("tbody"),u=d("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":"Table of nodes"},d("table",{class:"ui-table"},l,d("thead",{},d("tr",{},h)),c)),p=d("span",{role:"status"}),f=O("Earlier rows",()=>x(o-1)),g=O("Later rows",()=>x(o+1)),m=d("div",{class:"ui-row"},f,p,g),b=d("div",{class:"ui-fill"},m,u);function w(y){s=e===y?!s:y==="grad"||y==="value",e=y,o=0,$()}function x(y){o=y,A()}function $(){r=Ha(t,e,s),h.forEach((y,M)=>{let E=Yo[M].key;T(y,"aria-sort",E===e?s?"descending":"ascending":null)}),A()}function A(){let y=Math.max(1,Math.ceil(r.length/X));o=Math.max(0,Math.min(o,y-1));let M=o*X,E=r.slice(M,M+X);i=new Map(E.map(S=>[S,R(S)])),B(c,[...i.values()].map(S=>S.element)),m.hidden=y===1,f.disabled=o===0,g.disabled=o===y-1,N(p,`rows ${M+1}–${M+E.length} of ${r.length}`),a=null,j()}function R(y){let{engine:M}=t,E=M.operands(y),S=E.slice(0,8).flatMap((gt,ne)=>[ne?", ":"",W(n,gt)]);E.length>8&&S.push(`, … ${E.length} in all`);let[D,H,J]=["ui-number","ui-number",null].map(gt=>d("td",{class:gt}));return{element:d("tr",{},d("th",{scope:"row"},W(n,y),Ge(ht(M,y))),d("td",{},Z(M,y)),d("td",{},S),D,H,J),value:D,grad:H,slopes:J}}function j(){let{engine:y,t:M,total:E}=t;N(l,`${y.n} nodes behind step ${M} of ${E}; operands come before what is made of them`);for(let[S,D]of i)N(D.value,v(t.value(S),6)),N(D.grad,dt(t,S)==="?"?"?":v(t.grad(S),6)),N(D.slopes,Va(t,S)),T(D.element,"data-selected",t.selected===S),T(D.element,"aria-current",t.shown.last?.node===S?"step":null)}function F(y){let M=y.has("values")||y.has("bug")||y.has("frame")||y.has("quiz");(e==="value"||e==="grad")&&(M||y.has("step"))?$():j();let E=y.has("select")?t.selected:t.shown.last?.node;E!=null&&E!==a&&(y.has("step")||y.has("select"))&&z(E)}function z(y){i.has(y)||x(Math.floor(r.indexOf(y)/X));let M=i.get(y).element.getBoundingClientRect(),E=u.getBoundingClientRect(),S=h[0].offsetHeight;M.top<E.top+S?u.scrollTop+=M.top-E.top-S:M.bottom>E.bottom&&(u.scrollTop+=M.bottom-E.bottom),a=y}function q(){o=0,$()}return{name:"table",title:"Table",element:b,update:F,rebuild:q}}function Xa(n,t,e){return n==="ArrowRight"?(t+1)%e:n==="ArrowLeft"?(t+e-1)%e:null}function Ya(n,t){let[e,s]=[n,t].map(o=>o.getBoundingClientRect());t.scrollLeft+=Math.min(0,e.left-s.left)+Math.max(0,e.right-s.right)}function Jo(n,t){let e=null,s=n.map((c,u)=>{let p=Nt(c.name),f=d("button",{type:"button",role:"tab",id:`${p}-tab`,"aria-controls":p,title:`${c.title} (${u+1})`,on:{click:()=>l(c.name)}},c.title),g=d("div",{role:"tabpanel",id:p,"aria-labelledby":`${p}-tab`,tabindex:0,class:`ui-panel ui-panel-${c.name}`,hidden:!0},c.element);return{panel:c,tab:f,body:g}}),o=d("div",{role:"tablist","aria-label":"Panels",class:"ui-tabs",on:{keydown:c=>h(c)}},s.map(({tab:c})=>c)),i=Nt("panels"),r=d("h2",{class:"ui-hidden",id:i},"Panels"),a=d("section",{class:"ui-side","aria-labelledby":i},r,o,s.map(({body:c})=>c));function l(c,u=null){for(let{panel:p,tab:f,body:g}of s){let m=p.name===c;T(f,"aria-selected",String(m)),T(f,"tabindex",m?0:-1),g.hidden=!m,m&&u&&(u==="tab"?f:g).focus({preventScroll:u==="tab"}),m&&(e=p),m&&Ya(f,o)}t(e)}function h(c){let u=s.findIndex(({panel:f})=>f===e),p=c.ctrlKey||c.metaKey||c.altKey?null:Xa(c.key,u,s.length);p!==null&&(c.preventDefault(),l(s[p].panel.name,"tab"))}return{element:a,open:l,get current(){return e}}}var Je=["auto","light","dark"];var Qo="(prefers-color-scheme: dark)";var ti="system",Ka={dark:!0,light:!1,auto:ti},me=n=>Ka[n.toLowerCase()]??null,Dn={"data-jp-theme-light":n=>({false:!0,true:!1})[n]??null,"data-md-color-scheme":n=>({slate:!0,default:!1})[n]??null,"data-bs-theme":me,"data-theme":me,"data-color-mode":me},ei={theme:me,"data-mode":me,class:Qa},Ja=new Set(["quarto-dark","dark","coal","navy","ayu","vscode-dark","vscode-high-contrast"]),Za=new Set(["quarto-light","light","rust","vscode-light","vscode-high-contrast-light"]);function Qa(n){let t=n.split(/\s+/);return t.some(e=>Za.has(e))?!1:t.some(e=>Ja.has(e))?!0:null}function tl({name:n,marks:t}){let e=n==="html"||n==="body";for(let[s,o]of Object.entries(e?{...Dn,...ei}:Dn)){let i=typeof t[s]=="string"?o(t[s]):null;if(i!==null)return i}return null}function Zo(n){let e=n.replace(/^color\(\S+/,"color(").match(/[\d.]+(?:e-?\d+)?%?/g)?.map(l=>parseFloat(l)/(l.endsWith("%")?100:1));if(!e||e.length<3)return null;let[,s]=n.match(/^(\w+)\(/)??[],[o,i,r,a=1]=e;return a<.5?null:s==="rgb"||s==="rgba"?.299*o+.587*i+.114*r<128:s==="color"?.299*o+.587*i+.114*r<.5:s==="oklch"||s==="oklab"?o<.6:s==="lab"||s==="lch"?(o>1?o/100:o)<.5:null}function el(n,{around:t=[],canvas:e="",system:s=!1}){if(n!=="auto")return n==="dark";for(let o of t){let i=tl(o);if(i!==null)return i===ti?s:i}for(let{background:o}of t){let i=Zo(o);if(i!==null)return i}return Zo(e)??s}function ni(n){let t=n.ownerDocument,e=t.defaultView,s=[...si(n)].map(r=>({name:r.localName,marks:Object.fromEntries([...r.attributes].map(({name:a,value:l})=>[a,l])),background:e.getComputedStyle(r).backgroundColor})),o=oi(n),i=o?ni(o):{around:[],canvas:nl(t)};return{around:[...s,...i.around],canvas:i.canvas,system:e.matchMedia(Qo).matches}}function*si(n){for(let t=n;t;t=t.parentElement??t.getRootNode().host??null)yield t}function oi(n){try{return n.ownerDocument.defaultView.frameElement}catch{return null}}function nl(n){let t=n.createElement("div");t.style.backgroundColor="Canvas",n.documentElement.append(t);let e=n.defaultView.getComputedStyle(t).backgroundColor;return t.remove(),e}function ii(n,t){let e=null,s=null,o=()=>{let l=n.parentElement??n.getRootNode().host;l&&n.toggleAttribute("data-dark",el(t(),{...ni(l),...s}))},i=()=>{o(),clearTimeout(e),e=setTimeout(o,450)},r=({source:l,data:h})=>{l!==globalThis.parent||l===globalThis||h?.glassgrad!=="theme"||(s={around:h.around,canvas:h.canvas},o())};globalThis.addEventListener("message",r);let a=sl(n,i);return o(),{apply:o,stop(){clearTimeout(e),globalThis.removeEventListener("message",r);for(let l of a)l()}}}function sl(n,t){let e=[];for(let s=n;s;s=oi(s)){let o=s.ownerDocument.defaultView,i=o.matchMedia(Qo);i.addEventListener("change",t);let r=new o.MutationObserver(t),a=[...Object.keys(Dn),...Object.keys(ei),"style"];for(let c of si(s))c!==n&&r.observe(c,{attributes:!0,attributeFilter:a});let l=["disabled","media","href","rel"],{head:h}=s.ownerDocument;h&&r.observe(h,{childList:!0,subtree:!0,attributes:!0,attributeFilter:l}),e.push(()=>r.disconnect(),()=>i.removeEventListener("change",t))}return e}var Ze=340,Ft=110,ee=56,nt=10;function ol(n){let t=1/0,e=-1/0;for(let s of n)Number.isFinite(s)&&(t=Math.min(t,s),e=Math.max(e,s));return t>e?{low:0,high:1}:t===e?{low:t-Math.max(1e-12,Math.abs(t)/2),high:e+Math.max(1e-12,Math.abs(e)/2)}:{low:t,high:e}}function ri(n){let{low:t,high:e}=ol(n),s=Math.max(1,n.length-1);return{low:t,high:e,x:o=>ee+(Ze-ee-nt)*o/s,y:o=>Ft-nt-(Ft-2*nt)*(o-t)/(e-t)}}function il(n){let{x:t,y:e}=ri(n),s="M",o="";return n.forEach((i,r)=>{if(!Number.isFinite(i)){s="M";return}o+=`${s}${t(r).toFixed(1)} ${e(i).toFixed(1)}`,s="L"}),o}function Un(n,t,e,s,o=null){let{low:i,high:r,x:a,y:l}=ri(e),h=e.length<=60?e.map((f,g)=>({value:f,k:g})).filter(f=>Number.isFinite(f.value)):[],c=i<0&&r>0?l(0):null,u=`${n}: from ${v(e[0])} to ${v(e.at(-1))}, between ${v(i)} and ${v(r)}`,p=[s,o].filter(f=>f!==null&&Number.isFinite(e[f]));return _("svg",{class:`ui-chart ui-chart-${t}`,viewBox:`0 0 ${Ze} ${Ft}`,role:"img","aria-label":u},_("path",{class:"ui-axis",d:`M${ee} ${nt/2}V${Ft-nt/2}H${Ze-nt/2}`}),c===null?null:_("path",{class:"ui-zero",d:`M${ee} ${c}H${Ze-nt}`}),s===null?null:_("path",{class:"ui-mark",d:`M${a(s)} ${nt/2}V${Ft-nt/2}`}),o===null?null:_("path",{class:"ui-mark ui-other",d:`M${a(o)} ${nt/2}V${Ft-nt/2}`}),_("path",{class:"ui-line",d:il(e)}),h.map(({value:f,k:g})=>_("circle",{cx:a(g),cy:l(f),r:1.6})),p.map(f=>_("circle",{class:"ui-here",cx:a(f),cy:l(e[f]),r:3.5})),_("text",{x:ee-5,y:nt+4,"text-anchor":"end"},v(r,3)),_("text",{x:ee-5,y:Ft-nt+3,"text-anchor":"end"},v(i,3)))}function Qe(n,t,e){let{document:s}=n.run.steps[t],o=n.run.steps[n.frame]?.document;if(!s){if(o&&n.engine.label(e)==="")return{value:NaN,grad:NaN};let r=n.recording(t),a=o?ai(n.whole,n.engine.label(e)):e;return a===void 0?{value:NaN,grad:NaN}:{value:r.value[a],grad:r.grad[a]}}let i=s===n.document?e:ai(s,n.engine.label(e));return i===void 0?{value:NaN,grad:NaN}:{value:K(s.nodes.value[i]),grad:K(s.nodes.grad[i]??"nan")}}var Wn=new WeakMap;function ai(n,t){if(t){if(!Wn.has(n)){let e=new Map;n.nodes.label.forEach((s,o)=>e.set(n.strings[s],o)),Wn.set(n,e)}return Wn.get(n).get(t)}}function li(n,t){let e=n.run.steps.map((s,o)=>Qe(n,o,t));return{value:e.map(({value:s})=>s),grad:e.map(({grad:s})=>s)}}function rl(n,t){let{engine:e}=n;if(t!==e.root)return t;let o=pe(e).map(i=>[Math.abs(Qe(n,0,i).grad),i]).filter(([i])=>Number.isFinite(i));return o.length?o.reduce((i,r)=>r[0]>i[0]?r:i)[1]:null}function hi(n){let{session:t}=n,{steps:e}=t.run,s=!1,o=d("input",{type:"range",min:0,max:e.length-1,step:1,"aria-label":"Recorded step",on:{input:()=>t.setFrame(o.valueAsNumber)}}),i=d("output",{class:"ui-said"}),r=d("select",{on:{change:()=>t.setCompare(r.value===""?null:Number(r.value))}},d("option",{value:""},"nothing"),e.map((w,x)=>d("option",{value:x},u(x)))),a=Mt("all nodes",!1,w=>{s=w,f(new Set(["frame"]))}),l=d("div"),h=d("div"),c=d("div",{},d("div",{class:"ui-row ui-scrub"},O("‹",()=>p(-1),{"aria-label":"Earlier recorded step"}),o,O("›",()=>p(1),{"aria-label":"Later recorded step"}),i),l,d("div",{class:"ui-row"},d("label",{class:"ui-field"},d("span",{},"compare with"),r),a.element),h);function u(w){return(e[w].label||`step ${w}`).replace(/^step /,"training step ")}function p(w){t.setFrame(Math.max(0,Math.min(e.length-1,t.frame+w)))}function f(w){if(Ve(w))return;let{engine:x,frame:$}=t,A=t.selected??x.root;o.value=$,T(o,"aria-valuetext",u($)),N(i,`${u($)}, ${$+1} of ${e.length} kept`),r.value=t.compare??"";let R=x.title(A),j=rl(t,A),F=j===null?"":x.title(j);B(l,G(`${R}: value over the steps`),Un(`value of ${R}`,"value",li(t,A).value,$,t.compare),...j===null||t.hidden(j)?[]:[G(`${F}: gradient over the steps`),Un(`gradient of ${F}`,"grad",li(t,j).grad,$,t.compare)],j===A?null:C(`The gradient of ${R} is always 1. Select a node to see its own.`,"ui-note")),B(h,t.compare===null?C("Choose a second step to see both side by side.","ui-note"):g(x))}function g(w){let x=t.frame,$=t.compare,A=[];if(s||t.selected===null)for(let F=w.n-1;F>=0&&A.length<X;F--)w.kind[F]!==2&&A.push(F);else A.push(t.selected);let R=(F,z)=>d("th",{scope:"col",...z},F),j=s&&w.n>X;return d("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":"Two recorded steps side by side"},d("table",{class:"ui-table"},d("caption",{},`${u(x)} beside ${u($)}${j?`; the last ${X} nodes`:""}`),d("thead",{},d("tr",{},d("td",{rowspan:2}),d("th",{scope:"colgroup",colspan:3},"value"),d("th",{scope:"colgroup",colspan:3},"gradient")),d("tr",{},...[1,2].flatMap(()=>[R(u(x)),R(u($)),R("difference")]))),d("tbody",{},A.map(F=>m(w,F,Qe(t,x,F),Qe(t,$,F))))))}function m(w,x,$,A){let j=t.hidden(x)?["?","?","?"].map(F=>d("td",{},F)):b($.grad,A.grad);return d("tr",{},d("th",{scope:"row"},W(n,x)),...b($.value,A.value),...j)}function b(w,x){let $=w-x;return[_t(w),_t(x),_t($,$>0?`+${v($)}`:v($))]}return{name:"time",title:"Time",element:c,update:f}}var al=1200,ci=[700,880],we=150;function ui(n,t){if(n<=t)return{size:n,starts:[0]};let e=Math.ceil((n-we)/(t-we)),s=(n-we)/e+we;return{size:s,starts:Array.from({length:e},(o,i)=>i*(s-we))}}function di(n){let t=self!==top,e=["ui-paper",n.session.quiz?"ui-worksheet":"",t?"ui-framed":""],s=d("div",{class:e.filter(Boolean).join(" ")}),o=matchMedia("print");function i(){n.host.removeAttribute("data-dark");let l=gn(n.graph,!!n.session.quiz);B(s,n.session.quiz?ll():null,t?l:hl(l))}function r(){s.replaceChildren(),n.themed.apply()}let a=()=>o.matches?i():r();return addEventListener("beforeprint",i),addEventListener("afterprint",r),o.addEventListener("change",a),{element:s,stop(){removeEventListener("beforeprint",i),removeEventListener("afterprint",r),o.removeEventListener("change",a)}}}function ll(){return d("div",{class:"ui-names"},d("span",{},"Name:"),d("span",{},"Date:"))}function hl(n){let[,,t,e]=n.getAttribute("viewBox").split(" ").map(Number),s=ui(t,al),o=Math.min(1,ci[0]/s.size),i=ui(e,ci[1]/o);return i.starts.flatMap(r=>s.starts.map(a=>{let l=n.cloneNode(!0);return l.setAttribute("viewBox",`${a} ${r} ${s.size} ${i.size}`),l.setAttribute("width",s.size),l.setAttribute("height",i.size),l}))}var cl=["LR","TB","auto"];var ul={1:!0,true:!0,"":!0,0:!1,false:!1};function dl({total:n,panels:t}){let e=i=>({read:r=>i.includes(r)?r:void 0,wanted:fl(i)}),s=(i,r)=>a=>/^\d+$/.test(a)&&Number(a)>=i&&Number(a)<=r?Number(a):void 0,o=s(0,n);return{step:{read:i=>i==="start"||i==="end"?i:o(i),wanted:`start, end or a whole number from 0 to ${n}`},layout:e(cl),panel:e(t),height:{read:s(200,4e3),wanted:"a whole number of pixels from 200 to 4000"},compact:{read:i=>ul[i],wanted:"1 or 0"}}}function fl(n){return n.length>1?`${n.slice(0,-1).join(", ")} or ${n.at(-1)}`:n[0]}function fi(n,t,{total:e,panels:s}){let o={...n.view,complaints:[]},i=new URLSearchParams(t);for(let[r,{read:a,wanted:l}]of Object.entries(dl({total:e,panels:s}))){if(!i.has(r))continue;let h=i.get(r),c=a(h);c===void 0?o.complaints.push(`The address asks for ${r}=${h.slice(0,40)}: use ${l}.`):o[r]=c}return o}function pi(n,t=n.run||n.quiz||n.selected!==null?"end":"start"){return t==="start"?0:t==="end"?n.total:t}var pl=2,tn=class{constructor(t,e,{page:s=!1,search:o="",answered:i=()=>{}}={}){this.session=t,this.host=e,this.page=s,this.answered=i,this.theme="auto",this.root=e.shadowRoot,this.offs=[],this.alone=s&&globalThis.parent===globalThis,this._panels(),this.view=fi(t.whole,o,{total:t.total,panels:this.panels.map(({name:r})=>r)}),t.go(pi(t,this.view.step)),this._build(),this._listen(),this.tabs.open(this.view.panel??this._first()),this.warn(this.view.complaints.join(" ")),this._flush(new Set(["document"])),t.selected!==null&&this.graph.center(t.selected)}focused(){return this.root.activeElement}show(t){this.session.select(t),this.graph.center(t)}openTab(t){this.frame.removeAttribute("data-bare"),this.tabs.open(t,"body")}warn(t){this.notice.textContent=t,this.notice.hidden=!t}leave(){this.frame.focus({preventScroll:!0})}jump(){let{session:t}=this;t.selected===null?this.find.focus():t.jump(t.selected)}_panels(){let{session:t}=this,e=[_o,Lo,zo,jo,Cn,Ko];t.run?.steps.length&&e.push(hi),t.quiz?e.push(Xo):t.document.judged&&e.push(Oo),t.sealed&&e.splice(e.indexOf(Cn),1),this.panels=e.map(s=>s(this))}_build(){let{session:t,view:e}=this;this.kinds=new Map(this.panels.map(s=>[s,new Set(["document"])])),this.tabs=Jo(this.panels,s=>this._opened(s)),this.bar=mo(this),this.find=So(this),this.picture=d("div",{class:"ui-graph"}),this.help=No([["In the graph",ue.keys??[]]]),this.live=d("div",{class:"ui-hidden","aria-live":"polite","aria-atomic":"true"}),this.notice=d("p",{class:"ui-notice",role:"status",hidden:!0}),this.changed=d("p",{class:"ui-notice ui-changed",role:"status",hidden:!0}),this.printing=di(this),this.frame=d("div",{class:this.page?"ui ui-page":"ui",tabindex:-1,"data-compact":e.compact??!1,"data-bare":e.compact&&!e.panel&&!t.quiz,"data-sized":e.height!==void 0},this._header(),this.notice,this.changed,this.printing.element,d("div",{class:"ui-main-area"},d("section",{class:"ui-left","aria-label":"Graph"},this.picture,this.bar.element),this.tabs.element),this.live,this.help),e.height&&this.frame.style.setProperty("--gg-height",`${e.height}px`),this.root.append(this.frame),this._draw()}_draw(){this.graph=new ue(this.session,this.picture,{direction:this.view.layout,alone:this.alone})}_header(){let t=this.session.whole.title||"glassgrad";this.themeButton=O("",()=>this._turnTheme(),{class:"ui-theme"}),this.exports=Ao(this);let e=d("header",{class:"ui-header"},d(this.page?"h1":"h2",{title:t},t),this.find.element,this.exports.element,this.themeButton,O("?",()=>this._help(),{class:"ui-icon","aria-label":"Help: all keys",title:"Keys (?)"}));return this.themed=ii(this.host,()=>this.theme),this._nameTheme(),e}_first(){return this.session.quiz?"quiz":this.session.selected!==null?"node":this.session.document.judged?.marks?.includes(-1)?"judged":this.session.frame!==null?"time":"step"}_turnTheme(){this.theme=Je[(Je.indexOf(this.theme)+1)%Je.length],this._nameTheme(),this.themed.apply(),this.graph.refresh()}_nameTheme(){this.themeButton.textContent=`Theme: ${this.theme}`}_help(){this.help.open||this.help.showModal()}_listen(){let{session:t}=this;this.offs.push(t.on("*",(s,o)=>this._happened(o,s)));let e=(s,o,i,r)=>{s.addEventListener(o,i,r),this.offs.push(()=>s.removeEventListener(o,i,r))};e(this.page?document:this.frame,"keydown",s=>this._key(s));for(let s of["pointerup","click","keydown"])e(this.picture,s,()=>this._touch(),{capture:!0})}_touch(){this.touched=!0,setTimeout(()=>this.touched=!1,0)}_happened(t,e){t==="document"&&this._replaced(),t==="break"&&this.bar.stopped(e),t==="select"&&this.touched&&e!==null&&this._explain(e);for(let s of this.kinds.values())s.add(t);this.pending??=new Set,this.pending.add(t),this.scheduled??=requestAnimationFrame(()=>{this.scheduled=null;let s=this.pending;this.pending=null,this._flush(s)})}_explain(t){let{name:e}=this.tabs.current,s=this.session.engine.kind[t]===1;(e==="step"||(s?e==="node":e==="paths"))&&this.tabs.open(s?"paths":"node")}_flush(t){let e=this.session.changes?.text??[];N(this.changed,e.join(" ")),this.changed.hidden=!e.length,this.bar.update(),this.graph.refresh(),this._refresh(this.tabs.current),t.has("step")&&this._announce()}_opened(t){this.host.toggleAttribute("data-wide",t.name==="table"),this._refresh(t)}_refresh(t){let e=this.kinds.get(t);e.has("document")&&t.rebuild?.(),e.size&&t.update(e),this.kinds.set(t,new Set)}_replaced(){this.graph.destroy?.(),this.picture.replaceChildren(),this._draw(),this.find.rebuild()}_announce(){let{session:t}=this;t.playing&&t.speed>pl||(this.live.textContent=bs(t))}_key(t){let e=t.composedPath()[0];if(this.help.open)return;t.key==="Escape"&&Pn(e)&&this.leave();let s=Eo(t,e);if(s===null)return;let{session:o,graph:i}=this;({next:()=>o.next(),back:()=>o.back(),toggle:()=>o.toggle(),first:()=>o.first(),last:()=>o.last(),break:()=>o.runToBreak(),jump:()=>this.jump(),find:()=>this.find.focus(),table:()=>this.openTab("table"),leaves:()=>this.openTab("leaves"),fit:()=>i.fit(),zoomIn:()=>i.zoomBy(1.25),zoomOut:()=>i.zoomBy(1/1.25),tab:()=>this.panels[Number(t.key)-1]&&this.openTab(this.panels[Number(t.key)-1].name),escape:()=>this.exports.close()||o.select(null),help:()=>this._help()})[s](),t.preventDefault(),t.stopPropagation()}destroy(){this.session.pause(),this.scheduled&&cancelAnimationFrame(this.scheduled);for(let t of this.offs)t();this.themed.stop(),this.printing.stop(),this.graph.destroy?.(),this.frame.remove(),T(this.host,"data-wide",null)}};var gi=`/* The picture. Shades of gradients are those of src/glassgrad/draw/colours.py; other colours are the player's. */

.gg-view {
  --gg-plus1: #fdeedd;
  --gg-plus2: #fcd9ae;
  --gg-plus3: #fabd74;
  --gg-plus4: #f59b3d;
  --gg-minus1: #e4f0fa;
  --gg-minus2: #c0ddf3;
  --gg-minus3: #90c2ea;
  --gg-minus4: #5fa6de;
  --gg-edge: #8a939e;
  --gg-rim: #6b7480;
  --gg-leaf: #f1f3f6;
  --gg-cluster0: #f6f8fa;
  --gg-cluster1: #edf1f5;
  position: absolute;
  inset: 0;
  overflow: hidden;
  touch-action: pan-y; /* a finger scrolls the page around, until a tap takes hold of the picture */
  user-select: none;
  -webkit-user-select: none;
  cursor: grab;
  background: var(--gg-bg);
}

:host([data-dark]) .gg-view {
  --gg-plus1: #3a2a18;
  --gg-plus2: #573a17;
  --gg-plus3: #754a12;
  --gg-plus4: #8f5806;
  --gg-minus1: #1a2c3c;
  --gg-minus2: #1c4262;
  --gg-minus3: #1a5887;
  --gg-minus4: #1669a8;
  --gg-edge: #7b8591;
  --gg-rim: #98a2ad;
  --gg-leaf: #2a3038;
  --gg-cluster0: #191d22;
  --gg-cluster1: #1e232a;
}

.gg-view[data-held] {
  touch-action: none;
}

.gg-view:active {
  cursor: grabbing;
}

.gg-sheet {
  position: absolute;
  display: block;
  max-width: none;
  transform-origin: 0 0;
  will-change: transform; /* always: a layer made at the start of a gesture would be painted then */
  overflow: hidden;
}

.gg-text,
.gg-slope,
.gg-sign,
.gg-amount {
  font-family: "DejaVu Sans", Verdana, Geneva, sans-serif;
  font-size: 11px;
  font-weight: 400;
  fill: var(--gg-node-text);
  stroke: none;
  pointer-events: none;
}

.gg-bold {
  font-weight: 700;
}

.gg-small,
.gg-slope {
  font-size: 10px;
}

.gg-middle {
  text-anchor: middle;
}

.gg-end {
  text-anchor: end;
}

.gg-slope,
.gg-faint {
  fill: var(--gg-muted);
}

.gg-slope {
  stroke: var(--gg-bg);
  stroke-width: 3px;
  paint-order: stroke;
}

/* Boxes */

.gg-box,
.gg-cluster-name {
  cursor: pointer;
  outline: none;
}

.gg-frame {
  fill: var(--gg-node);
  stroke: var(--gg-rim);
  stroke-width: 1px;
}

.gg-leaf .gg-frame {
  fill: var(--gg-leaf);
}

.gg-root .gg-frame {
  stroke: var(--gg-fg);
  stroke-width: 2px;
}

.gg-stale .gg-frame {
  stroke: var(--gg-warn);
  stroke-dasharray: 4 3;
}

.gg-unknown .gg-frame {
  stroke-dasharray: 3 2.5;
}

.gg-op {
  fill: var(--gg-op);
  stroke: var(--gg-rim);
  stroke-width: 1px;
}

.gg-neck {
  fill: none;
  stroke: var(--gg-rim);
  stroke-width: 1px;
}

.gg-group .gg-frame,
.gg-repeat .gg-frame,
.gg-band .gg-frame,
.gg-sheet-behind {
  fill: var(--gg-op);
  stroke: var(--gg-rim);
  stroke-width: 1.2px;
}

.gg-band .gg-frame,
.gg-band .gg-sheet-behind {
  fill: var(--gg-leaf);
}

.gg-track {
  fill: var(--gg-bg);
}

.gg-done {
  fill: var(--gg-accent);
}

.gg-shade,
.gg-none {
  fill: none;
}

.gg-zero {
  fill: var(--gg-zero);
}

.gg-plus1 {
  fill: var(--gg-plus1);
}

.gg-plus2 {
  fill: var(--gg-plus2);
}

.gg-plus3 {
  fill: var(--gg-plus3);
}

.gg-plus4 {
  fill: var(--gg-plus4);
}

.gg-minus1 {
  fill: var(--gg-minus1);
}

.gg-minus2 {
  fill: var(--gg-minus2);
}

.gg-minus3 {
  fill: var(--gg-minus3);
}

.gg-minus4 {
  fill: var(--gg-minus4);
}

.gg-bad {
  fill: var(--gg-bg);
  stroke: var(--gg-warn);
  stroke-width: 1.6px;
}

.gg-nonfinite .gg-frame {
  stroke: var(--gg-warn);
  stroke-width: 2px;
}

.gg-wrong .gg-frame {
  stroke: var(--gg-warn);
  stroke-width: 3px;
  stroke-dasharray: 6 3;
}

.gg-holds .gg-frame {
  stroke: var(--gg-accent);
  stroke-width: 2.5px;
}

.gg-selected .gg-frame {
  stroke: var(--gg-accent);
  stroke-width: 3px;
}

.gg-work .gg-frame,
.gg-work .gg-op {
  stroke: var(--gg-fg);
  stroke-width: 3px;
}

.gg-box:focus-visible .gg-frame,
.gg-cluster-name:focus-visible .gg-plate {
  stroke: var(--gg-focus);
  stroke-width: 4px;
  stroke-dasharray: none;
}

.gg-check circle,
.gg-alert circle {
  fill: var(--gg-bg);
  stroke: var(--gg-rim);
  stroke-width: 1px;
}

.gg-sign {
  font-size: 10px;
  font-weight: 700;
}

.gg-check-no circle,
.gg-alert circle {
  stroke: var(--gg-warn);
  stroke-width: 1.6px;
}

.gg-check-no .gg-sign,
.gg-alert .gg-sign {
  fill: var(--gg-warn);
}

.gg-check-unknown .gg-sign {
  fill: var(--gg-muted);
}

/* Wires and clusters */

.gg-line,
.gg-lines {
  fill: none;
  stroke: var(--gg-edge);
  stroke-width: 1.2px;
  stroke-linecap: round;
  stroke-linejoin: round;
}

.gg-near .gg-line {
  stroke: var(--gg-accent);
  stroke-width: 2px;
}

.gg-active {
  fill: none;
  stroke: var(--gg-fg);
  stroke-width: 2.6px;
  pointer-events: none;
}

.gg-flow {
  fill: none;
  stroke: var(--gg-warn);
  stroke-width: 2px;
  stroke-dasharray: 5 3.5;
  pointer-events: none;
}

.gg-flow-head,
.gg-pointer {
  fill: var(--gg-warn);
  pointer-events: none;
}

.gg-pointer {
  fill: var(--gg-fg);
}

.gg-amount {
  font-weight: 700;
  fill: var(--gg-warn);
  stroke: var(--gg-bg);
  stroke-width: 3.5px;
  paint-order: stroke;
}

.gg-cluster {
  stroke: var(--gg-line);
  stroke-width: 1px;
}

.gg-cluster0 {
  fill: var(--gg-cluster0);
}

.gg-cluster1 {
  fill: var(--gg-cluster1);
}

.gg-plate {
  stroke: none;
}

.gg-cluster-name:hover .gg-text {
  fill: var(--gg-fg);
}

/* From far away text is no more than a smudge, and costs the most */

.gg-far .gg-text,
.gg-far .gg-slope,
.gg-far .gg-check,
.gg-far .gg-alert {
  display: none;
}

.gg-overview path {
  pointer-events: none;
}

.gg-overview .gg-frames {
  fill: var(--gg-node);
  stroke: var(--gg-rim);
  stroke-width: 1px;
}

/* What lies over the picture */

.gg-tools {
  position: absolute;
  top: 8px;
  right: 8px;
  display: flex;
  flex-wrap: wrap;
  justify-content: flex-end;
  gap: 4px;
  max-width: calc(100% - 16px);
  cursor: auto;
}

.gg-tools button {
  min-width: 30px;
  min-height: 28px;
  padding: 1px 7px;
  font-size: 13px;
  background: var(--gg-bg);
}

.gg-legend {
  position: absolute;
  left: 8px;
  bottom: 6px;
  max-width: calc(100% - 16px);
  pointer-events: none;
}

.gg-legend .gg-text {
  fill: var(--gg-muted);
}

/* That there is more beyond an edge, and where the wheel goes */

.gg-view .gg-more {
  position: absolute;
  min-height: 26px;
  padding: 1px 9px;
  font-size: 13px;
  background: var(--gg-bg);
  border-color: var(--gg-accent);
  border-radius: 13px;
  cursor: pointer;
}

.gg-more-left,
.gg-more-right {
  top: 50%;
}

.gg-more-left {
  left: 6px;
}

.gg-more-right {
  right: 6px;
}

.gg-more-up,
.gg-more-down {
  left: 50%;
  transform: translateX(-50%);
}

.gg-more-up {
  top: 42px;
}

.gg-more-down {
  bottom: 6px;
}

.gg-told {
  position: absolute;
  left: 50%;
  bottom: 40px;
  transform: translateX(-50%);
  max-width: calc(100% - 16px);
  margin: 0;
  padding: 3px 10px;
  font-size: 13px;
  background: var(--gg-panel);
  border: 1px solid var(--gg-line);
  border-radius: 5px;
  pointer-events: none;
}

@media (forced-colors: active) {
  .gg-frame {
    stroke: CanvasText;
  }

  .gg-selected .gg-frame,
  .gg-box:focus-visible .gg-frame {
    stroke: Highlight;
  }
}
`;var ml=40;function wl(n,t,e){let{engine:s}=n;return Object.entries(t??{}).map(([o,i])=>[Number(o),K(i)]).filter(([o,i])=>s.kind[o]===1&&!e.has(o)&&!Object.is(s.value[o],i))}function mi(n,t){let e=new Map,s=null,o=()=>n.document===n.whole,i=()=>{s=null;let h={...t.get("values")};for(let[c,u]of e)h[c]=u;e.clear(),t.set("values",h),t.save_changes()},r=({leaves:h,quiet:c})=>{if(!(c||!o())){for(let u of h)Number.isFinite(n.engine.value[u])&&e.set(u,n.engine.value[u]);s??=setTimeout(i,ml)}},a=()=>{o()&&n.setValues(wl(n,t.get("values"),e),!0)},l=n.on("values",r);return t.on("change:values",a),a(),()=>{s!==null&&(clearTimeout(s),i()),l(),t.off("change:values",a)}}var wi=`/* On paper: the title, the whole picture and what the open panel says. An exercise becomes a worksheet. */

.ui-paper {
  display: none;
}

@media print {
  :host {
    print-color-adjust: exact;
    -webkit-print-color-adjust: exact;
  }

  .ui,
  .ui-page {
    display: block;
    height: auto;
    border: 0;
    overflow: visible;
  }

  .ui-main-area,
  :host([data-wide]) .ui-main-area,
  .ui-left,
  .ui-side {
    display: block;
    border: 0;
  }

  .ui-header {
    display: block;
    padding: 0 0 6px;
    background: none;
  }

  .ui-header h1,
  .ui-header h2 {
    overflow: visible;
    white-space: normal;
    overflow-wrap: anywhere;
  }

  .ui-header > :not(h1, h2),
  .ui-graph,
  .ui-bar,
  .ui-tabs,
  .ui-help,
  .ui-notice,
  .ui-panel button:not(.ui-link),
  .ui-panel select,
  .ui-panel textarea,
  .ui-panel input[type="range"],
  .ui-panel .ui-switch,
  .ui-panel .ui-stops {
    display: none;
  }

  .ui-paper {
    display: block;
  }

  .ui-paper svg {
    display: block;
    max-width: 100%;
    height: auto;
    margin: 0 0 8px;
    break-inside: avoid;
  }

  .ui-framed svg {
    max-height: 55vh;
  }

  .ui-panel,
  .ui-panel-table,
  .ui-fill,
  .ui-scroll {
    display: block;
    height: auto;
    max-height: none;
    padding: 0;
    overflow: visible;
  }

  .ui-panel button.ui-link {
    color: inherit;
    text-decoration: none;
  }

  .ui-panel li,
  .ui-panel tr,
  .ui-panel p {
    break-inside: avoid;
  }

  .ui-panel h3 {
    break-after: avoid;
  }

  .ui-table {
    width: 100%;
  }

  .ui-table thead th {
    position: static;
  }

  /* The worksheet: names, and a line for each answer with room to work it out */

  .ui-worksheet ~ .ui-main-area .ui-panel:not(.ui-panel-quiz) {
    display: none;
  }

  .ui-worksheet ~ .ui-main-area .ui-panel-quiz[hidden] {
    display: block !important;
  }

  .ui-names {
    display: flex;
    gap: 2em;
    margin: 0 0 12px;
  }

  .ui-names span {
    flex: 1;
    border-bottom: 1px solid var(--gg-fg);
  }

  .ui-panel-quiz .ui-main {
    display: none;
  }

  .ui-quiz > li {
    padding: 2mm 0 12mm;
  }

  .ui-framed ~ .ui-main-area .ui-quiz > li {
    padding: 1mm 0 2mm;
  }

  .ui-quiz input {
    width: 12em;
    background: none;
    border: 0 !important;
    border-bottom: 1px solid var(--gg-fg) !important;
    border-radius: 0;
  }
}
`;var bi=`/* The player's interface. Colours are properties, here and nowhere else; the picture uses them as well. They follow
   src/glassgrad/draw/colours.py: blue for negative, orange for positive, and text with a contrast of 4.5 : 1. */

:host {
  --gg-bg: #ffffff;
  --gg-fg: #16191d;
  --gg-muted: #5a6370;
  --gg-line: #c3cad3;
  --gg-panel: #f6f8fa;
  --gg-accent: #0b5cad;
  --gg-on-accent: #ffffff;
  --gg-positive: #f59b3d;
  --gg-negative: #5fa6de;
  --gg-zero: #f0f0f0;
  --gg-warn: #c2185b;
  --gg-focus: #0b5cad;
  --gg-node: #ffffff;
  --gg-node-text: #16191d;
  --gg-op: #e3e8ee;
  --gg-op-text: #16191d;
  --gg-control: #7c8793;
  display: block;
  container-type: inline-size;
  color-scheme: light;
  color: var(--gg-fg);
  font:
    14px/1.45 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    "Noto Sans",
    sans-serif;
  text-align: left;
}

:host([data-dark]) {
  --gg-bg: #14171b;
  --gg-fg: #eceff2;
  --gg-muted: #a3adb8;
  --gg-line: #414a55;
  --gg-panel: #1b2026;
  --gg-accent: #7cb8f5;
  --gg-on-accent: #10141a;
  --gg-positive: #8f5806;
  --gg-negative: #1669a8;
  --gg-zero: #2e3238;
  --gg-warn: #ff7aa8;
  --gg-focus: #8ec5ff;
  --gg-node: #20252b;
  --gg-node-text: #eceff2;
  --gg-op: #39424d;
  --gg-op-text: #eceff2;
  --gg-control: #7b8591;
  color-scheme: dark;
}

*,
*::before,
*::after {
  box-sizing: border-box;
}

[hidden] {
  display: none !important;
}

.ui {
  display: flex;
  flex-direction: column;
  height: var(--gg-height, 680px);
  background: var(--gg-bg);
  border: 1px solid var(--gg-line);
  border-radius: 6px;
  overflow: hidden;
}

.ui[data-compact] {
  height: var(--gg-height, 400px);
}

.ui.ui-page {
  height: var(--gg-height, 100dvh);
  border: 0;
  border-radius: 0;
}

/* Compact: the graph and its steps; a panel if one was asked for */

[data-compact] > .ui-header {
  position: absolute;
  padding: 0;
  border: 0;
}

[data-compact] > .ui-header > :not(h1, h2),
[data-compact] .ui-tabs,
[data-compact] .ui-stops,
[data-compact] .ui-bar .ui-field,
[data-compact] .ui-jump,
[data-bare] .ui-side {
  display: none;
}

[data-compact] > .ui-header > :is(h1, h2) {
  position: absolute;
  width: 1px;
  height: 1px;
  clip-path: inset(50%);
}

[data-compact] .ui-bar {
  padding: 4px 8px 2px;
}

.ui[data-bare] .ui-main-area {
  grid-template-columns: minmax(0, 1fr);
}

.ui:focus {
  outline: none;
}

:focus-visible {
  outline: 2px solid var(--gg-focus);
  outline-offset: 1px;
}

.ui-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.ui-error {
  margin: 1em;
  color: var(--gg-warn);
}

.ui-notice {
  margin: 0;
  padding: 6px 10px;
  border-left: 4px solid var(--gg-warn);
  border-bottom: 1px solid var(--gg-line);
  overflow-wrap: anywhere;
}

/* Controls */

button,
select,
input,
textarea,
summary {
  font: inherit;
  color: inherit;
}

button,
select,
input:not([type="range"], [type="checkbox"]),
textarea,
.ui-menu > summary {
  min-height: 30px;
  padding: 3px 9px;
  background: var(--gg-bg);
  border: 1px solid var(--gg-control);
  border-radius: 5px;
}

button,
summary,
select,
[type="checkbox"] {
  cursor: pointer;
}

button:hover:not(:disabled),
.ui-menu > summary:hover {
  border-color: var(--gg-accent);
  background: var(--gg-panel);
}

button:disabled {
  color: var(--gg-muted);
  border-color: var(--gg-line);
  cursor: default;
}

input[type="range"],
input[type="checkbox"] {
  accent-color: var(--gg-accent);
}

input[type="number"] {
  width: 6.6em;
}

textarea {
  width: 100%;
  margin-top: 6px;
  font:
    12px/1.4 ui-monospace,
    "Cascadia Mono",
    Menlo,
    Consolas,
    monospace;
  resize: vertical;
}

.ui-primary {
  background: var(--gg-accent);
  border-color: var(--gg-accent);
  color: var(--gg-on-accent);
}

.ui-primary:hover:not(:disabled) {
  background: var(--gg-accent);
  border-color: var(--gg-fg);
}

.ui-icon {
  display: inline-grid;
  place-items: center;
  min-width: 32px;
  padding: 3px 6px;
}

button.ui-link {
  min-height: 24px;
  padding: 0 2px;
  border: 0;
  background: none;
  color: var(--gg-accent);
  text-decoration: underline;
  text-underline-offset: 2px;
  text-align: left;
  overflow-wrap: anywhere;
}

button.ui-whole {
  overflow-wrap: normal;
  white-space: nowrap;
}

.ui-row {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 10px;
  margin: 0 0 8px;
}

.ui-field,
.ui-check {
  display: inline-flex;
  align-items: center;
  gap: 6px;
}

.ui-check {
  min-height: 26px;
}

.ui-check input[type="checkbox"] {
  width: 16px;
  height: 16px;
  margin: 0;
  flex: none;
}

/* The frame */

.ui-header {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 8px;
  padding: 6px 10px;
  border-bottom: 1px solid var(--gg-line);
  background: var(--gg-panel);
}

.ui-header h1,
.ui-header h2 {
  flex: 1 1 6em;
  min-width: 0;
  margin: 0;
  font-size: 16px;
  font-weight: 600;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.ui-main-area {
  flex: 1;
  min-height: 0;
  display: grid;
  grid-template-columns: minmax(0, 1fr) minmax(340px, 400px);
}

:host([data-wide]) .ui-main-area {
  grid-template-columns: minmax(0, 1fr) minmax(340px, 58%);
}

.ui-left {
  display: flex;
  flex-direction: column;
  min-width: 0;
  min-height: 0;
}

.ui-graph {
  position: relative;
  flex: 1;
  min-height: 0;
  overflow: hidden;
  background: var(--gg-bg);
}

.ui-bar {
  padding: 8px 10px 4px;
  border-top: 1px solid var(--gg-line);
  background: var(--gg-panel);
}

.ui-bar .ui-row {
  margin-bottom: 4px;
}

.ui-buttons {
  display: flex;
  gap: 3px;
}

.ui-steps {
  flex: 1 1 140px;
  min-width: 100px;
  margin: 0;
}

.ui-begin {
  margin: 0;
  color: var(--gg-accent);
}

.ui-where {
  margin: 0;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}

.ui-stops > summary {
  display: inline-block;
  padding: 3px 4px;
  color: var(--gg-accent);
}

.ui-stops > summary::before {
  content: "▸ ";
}

.ui-stops[open] > summary::before {
  content: "▾ ";
}

.ui-breaks {
  margin: 0;
  padding: 2px 8px 6px;
  border: 1px solid var(--gg-line);
  border-radius: 5px;
  min-width: 0;
}

.ui-said {
  margin: 0;
  min-height: 1.45em;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}

p.ui-said:empty {
  min-height: 0;
}

.ui-side {
  display: flex;
  flex-direction: column;
  min-width: 0;
  min-height: 0;
  border-left: 1px solid var(--gg-line);
}

.ui-tabs {
  display: flex;
  gap: 1px;
  padding: 6px 4px 0;
  overflow-x: auto; /* one row, whatever the font is */
  scrollbar-width: none;
  flex: none;
  border-bottom: 1px solid var(--gg-line);
  background: var(--gg-panel);
}

.ui-tabs [role="tab"] {
  flex: 0 1 auto;
  padding: 3px clamp(3px, 0.7cqw, 5px);
  font-size: 13px;
  white-space: nowrap;
  border: 1px solid transparent;
  border-bottom: 3px solid transparent;
  border-radius: 5px 5px 0 0;
  background: none;
}

.ui-tabs [role="tab"]:nth-child(1):nth-last-child(n + 7),
.ui-tabs [role="tab"]:nth-child(1):nth-last-child(n + 7) ~ [role="tab"] {
  padding-inline: 4px; /* seven of them fit */
}

.ui-tabs [aria-selected="true"] {
  background: var(--gg-bg);
  border-color: var(--gg-line);
  border-bottom-color: var(--gg-accent);
  font-weight: 600;
}

.ui-panel {
  flex: 1;
  min-height: 0;
  padding: 10px 12px;
  overflow: auto;
}

.ui-panel:focus-visible {
  outline-offset: -2px;
}

.ui-panel h3 {
  margin: 14px 0 4px;
  font-size: 14px;
  overflow-wrap: anywhere;
}

.ui-panel h3:first-child {
  margin-top: 0;
}

.ui-panel p {
  margin: 0 0 8px;
  overflow-wrap: anywhere;
}

.ui-panel .ui-note {
  color: var(--gg-muted);
}

.ui-note:empty {
  display: none;
}

/* What panels show */

.ui-panel p.ui-maths {
  margin: 0 0 6px;
  font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", Cambria, "DejaVu Serif", serif;
  font-size: 16px;
  line-height: 1.5;
}

p.ui-maths > span {
  display: inline-block;
  max-width: 100%;
}

td.ui-maths {
  font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", Cambria, "DejaVu Serif", serif;
}

/* As narrow as the wider of its sides, which so come under each other; read aloud or copied it is one line. */
.ui-fraction {
  display: inline-block;
  width: min-content;
  max-width: 100%;
  line-height: 1.25;
  text-align: center;
  vertical-align: middle;
}

.ui-fraction > span {
  display: inline-block;
  width: 100%;
  padding: 0 2px;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
  vertical-align: top;
}

.ui-fraction > :last-child {
  border-top: 1px solid;
}

.ui-fraction > .ui-over {
  width: 0;
  padding: 0;
  font-size: 0;
}

.ui-panel p.ui-main {
  padding: 6px 10px;
  border-left: 3px solid var(--gg-accent);
  background: var(--gg-panel);
}

.ui-facts {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 3px 12px;
  margin: 0 0 10px;
}

.ui-facts dt {
  color: var(--gg-muted);
}

.ui-facts dd {
  margin: 0;
  overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums;
}

.ui-code {
  display: block;
  margin-top: 2px;
}

code,
pre {
  font:
    12.5px/1.45 ui-monospace,
    "Cascadia Mono",
    Menlo,
    Consolas,
    monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

pre {
  margin: 0;
}

.ui-links,
.ui-bugs,
.ui-quiz {
  margin: 0 0 8px;
  padding: 0;
  list-style: none;
}

.ui-links {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 12px;
}

table {
  font: inherit;
  color: inherit;
  border-collapse: collapse;
  width: 100%;
  margin: 0 0 10px;
}

caption {
  padding: 0 0 4px;
  text-align: left;
  color: var(--gg-muted);
}

th,
td {
  padding: 2px 8px 2px 0;
  text-align: left;
  vertical-align: baseline;
  font-weight: 400;
  border-bottom: 1px solid var(--gg-line);
  overflow-wrap: anywhere;
}

thead th {
  font-weight: 600;
  overflow-wrap: normal;
}

.ui-number {
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}

tr[data-selected] > * {
  box-shadow: inset 0 0 0 99px color-mix(in srgb, var(--gg-accent) 12%, transparent);
}

.ui-leaves th:first-child {
  min-width: 4.5em;
}

.ui-leaves .ui-place {
  max-width: 6.5em;
  white-space: normal;
}

.ui-value {
  display: flex;
  flex-direction: column;
  gap: 2px;
  padding: 3px 0;
}

.ui-value input[type="range"] {
  width: 100%;
  min-width: 90px;
  margin: 0;
}

.ui-value input[type="number"] {
  width: 100%;
}

.ui-leaves tbody td:nth-child(2) {
  width: 42%;
}

.ui-place {
  display: block;
  max-width: 16em;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  font-size: 12px;
  color: var(--gg-muted);
}

.ui-paths {
  margin: 0;
  padding-left: 2em;
}

.ui-bugs > li {
  padding: 10px 0;
  border-bottom: 1px solid var(--gg-line);
}

.ui-bugs > li[data-on] {
  padding-left: 8px;
  border-left: 3px solid var(--gg-warn);
}

.ui-bugs .ui-facts {
  margin: 8px 0;
}

.ui-bugs p {
  margin: 6px 0;
}

.ui-switch {
  display: inline-flex;
  align-items: center;
  gap: 8px;
  padding: 3px 8px 3px 4px;
  font-weight: 600;
}

.ui-knob {
  position: relative;
  flex: none;
  width: 34px;
  height: 18px;
  border: 2px solid var(--gg-control);
  border-radius: 10px;
}

.ui-knob::after {
  content: "";
  position: absolute;
  top: 2px;
  left: 2px;
  width: 10px;
  height: 10px;
  border-radius: 50%;
  background: var(--gg-control);
}

[aria-checked="true"] > .ui-knob {
  border-color: var(--gg-warn);
  background: var(--gg-warn);
}

[aria-checked="true"] > .ui-knob::after {
  left: 18px;
  background: var(--gg-bg);
}

.ui-codes {
  display: grid;
  gap: 4px;
}

.ui-codes > div {
  padding: 4px 8px;
  border-left: 3px solid var(--gg-control);
  background: var(--gg-panel);
}

.ui-codes > .ui-wrong {
  border-left-color: var(--gg-warn);
}

.ui-codes span {
  font-size: 12px;
  color: var(--gg-muted);
}

.ui-panel-table {
  display: flex;
  flex-direction: column;
  overflow: hidden;
}

.ui-fill {
  display: flex;
  flex-direction: column;
  flex: 1;
  min-height: 0;
}

.ui-scroll {
  flex: 1;
  min-height: 0;
  overflow: auto;
}

.ui-table {
  width: max-content;
  min-width: 100%;
}

.ui-table th,
.ui-table td {
  max-width: 13em;
  padding: 3px 10px 3px 6px;
}

.ui-table thead th {
  position: sticky;
  top: 0;
  z-index: 1;
  background: var(--gg-panel);
}

.ui-panel-time .ui-table thead th {
  position: static;
}

.ui-sort {
  min-height: 26px;
  padding: 0 4px;
  border: 0;
  background: none;
  font-weight: 600;
}

[aria-sort="ascending"] > .ui-sort::after {
  content: " ↑";
}

[aria-sort="descending"] > .ui-sort::after {
  content: " ↓";
}

tr[aria-current] > * {
  border-top: 2px solid var(--gg-accent);
  border-bottom: 2px solid var(--gg-accent);
}

.ui-scrub input {
  flex: 1 1 120px;
  min-width: 90px;
}

.ui-chart {
  display: block;
  width: 100%;
  max-width: 520px;
  height: auto;
}

.ui-chart text {
  fill: var(--gg-muted);
  font-size: 10px;
}

.ui-chart path {
  fill: none;
  stroke: var(--gg-accent);
  stroke-width: 1.8;
}

.ui-chart .ui-axis,
.ui-chart .ui-zero {
  stroke: var(--gg-control);
  stroke-width: 1;
}

.ui-chart .ui-zero {
  stroke-dasharray: 3 3;
}

.ui-chart .ui-mark {
  stroke: var(--gg-fg);
  stroke-width: 1;
}

.ui-chart .ui-other {
  stroke-dasharray: 5 3;
}

.ui-chart circle {
  fill: var(--gg-accent);
}

.ui-chart .ui-here {
  fill: var(--gg-fg);
}

.ui-quiz > li {
  padding: 6px 0;
  border-bottom: 1px solid var(--gg-line);
}

.ui-quiz .ui-row,
.ui-quiz p {
  margin-bottom: 2px;
}

.ui-quiz input {
  width: 7em;
}

.ui-quiz [data-verdict="wrong"] input {
  border-color: var(--gg-warn);
  border-width: 2px;
}

.ui-quiz [data-verdict="right"] .ui-verdict {
  font-weight: 600;
}

.ui-verdict:empty {
  display: none;
}

/* Find, menu, help */

.ui-find {
  position: relative;
  flex: 0 1 220px;
  min-width: 120px;
}

.ui-find input {
  width: 100%;
}

.ui-find ul {
  position: absolute;
  z-index: 20;
  top: 100%;
  right: 0;
  width: max(100%, 300px);
  max-width: calc(100cqw - 20px);
  max-height: 320px;
  margin: 2px 0 0;
  padding: 4px;
  overflow: auto;
  list-style: none;
  background: var(--gg-bg);
  border: 1px solid var(--gg-control);
  border-radius: 5px;
}

.ui-find li {
  display: flex;
  gap: 10px;
  justify-content: space-between;
  padding: 4px 6px;
  cursor: pointer;
}

.ui-find li[aria-selected="true"] {
  background: var(--gg-accent);
  color: var(--gg-on-accent);
}

.ui-find li[aria-selected="true"] .ui-why {
  color: inherit;
}

.ui-name,
.ui-why {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.ui-name {
  flex: 1 0 auto;
  max-width: 60%;
}

.ui-why,
.ui-count {
  color: var(--gg-muted);
}

.ui-menu {
  position: relative;
}

.ui-menu > summary {
  display: grid;
  align-content: center;
  list-style: none;
}

.ui-menu > summary::-webkit-details-marker {
  display: none;
}

.ui-items {
  position: absolute;
  z-index: 20;
  top: 100%;
  right: 0;
  display: grid;
  gap: 4px;
  width: 200px;
  margin-top: 2px;
  padding: 6px;
  background: var(--gg-bg);
  border: 1px solid var(--gg-control);
  border-radius: 5px;
}

.ui-help {
  max-width: min(560px, calc(100vw - 24px));
  max-height: calc(100vh - 40px);
  padding: 16px 20px;
  color: var(--gg-fg);
  background: var(--gg-bg);
  border: 1px solid var(--gg-control);
  border-radius: 8px;
  overflow: auto;
}

.ui-help::backdrop {
  background: rgb(0 0 0 / 45%);
}

.ui-help h2 {
  margin: 0 0 8px;
  font-size: 18px;
}

.ui-help h3 {
  margin: 10px 0 4px;
  font-size: 14px;
}

.ui-keys {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 4px 14px;
  margin: 0;
}

.ui-keys dd {
  margin: 0;
}

kbd {
  padding: 1px 6px;
  border: 1px solid var(--gg-control);
  border-bottom-width: 2px;
  border-radius: 4px;
  font:
    12.5px ui-monospace,
    Menlo,
    Consolas,
    monospace;
}

/* A narrow place: one column, the page scrolls downwards */

@container (max-width: 760px) {
  .ui:not([data-sized], [data-compact]) {
    height: auto;
    min-height: 0;
    overflow: visible;
  }

  .ui[data-sized]:not([data-compact]) {
    overflow: auto;
  }

  .ui:not([data-compact]) .ui-main-area {
    display: block;
    flex: none;
  }

  /* What the header and the bar leave of the window, but no more than leaves room for a panel on a phone. */
  .ui:not([data-compact]) .ui-graph {
    height: clamp(240px, 100svh - 200px, max(46svh, 320px));
    flex: none;
  }

  .ui[data-sized]:not([data-compact]) .ui-graph {
    height: max(160px, var(--gg-height) - 200px);
  }

  .ui[data-compact]:not([data-bare]) .ui-main-area {
    grid-template: minmax(0, 3fr) minmax(0, 2fr) / minmax(0, 1fr);
  }

  .ui-side {
    border-left: 0;
    border-top: 1px solid var(--gg-line);
  }

  .ui:not([data-compact]) .ui-panel {
    overflow: visible;
  }

  .ui-scroll {
    max-height: 70vh;
  }

  .ui-panel .ui-latex textarea {
    font-size: 16px;
  }

  button,
  select,
  .ui-menu > summary {
    min-height: 36px;
  }

  .ui-header h1,
  .ui-header h2 {
    flex-basis: 4em;
  }

  .ui-find {
    flex: 1 1 100%;
    order: 1;
  }

  .ui-find ul {
    left: 0;
    right: auto;
  }
}

@media (prefers-reduced-motion: no-preference) {
  .ui-knob::after {
    transition: left 0.12s;
  }
}
`;var xi=null;function yi(n,t,e){let s=d("div",{class:"glassgrad-player","data-lm-suppress-shortcuts":"true"});s.attachShadow({mode:"open"}),xi??=[bi,gi,wi].map(o=>{let i=new CSSStyleSheet;return i.replaceSync(o),i}),s.shadowRoot.adoptedStyleSheets=xi,n.append(s);try{let o=new We(JSON.parse(t)),i=new tn(o,s,e);return{session:o,app:i,destroy(){i.destroy(),s.remove()}}}catch(o){return s.shadowRoot.replaceChildren(d("p",{role:"alert",class:"ui-error"},`The player cannot start: ${o.message}`)),console.error(o),{session:null,app:null,destroy:()=>s.remove()}}}function yl({model:n,el:t}){let e=null,s=()=>{},o=l=>{n.set("answers",l),n.save_changes()},i=()=>e?.app?.warn(n.get("message")?`Python says: ${n.get("message")}`:""),r=()=>{a(),e=yi(t,n.get("document"),{answered:o}),e.session&&(s=mi(e.session,n)),i()},a=()=>{s(),s=()=>{},e?.destroy(),e=null};return n.on("change:document",r),n.on("change:message",i),r(),()=>{n.off("change:document",r),n.off("change:message",i),a()}}function vl(){let n=document.getElementById("glassgrad-document").textContent,t=document.querySelector("main");t||(t=d("main"),document.body.append(t)),document.body.style.margin="0",yi(t,n,{page:!0,search:location.search})}globalThis.document?.documentElement.dataset.glassgrad==="page"&&vl();var Eu={render:yl};export{Eu as default};
