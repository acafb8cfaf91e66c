var Pr="http://www.w3.org/2000/svg";function g(n,e={},...t){return rs(document.createElement(n),e,t)}function j(n,e={},...t){return rs(document.createElementNS(Pr,n),e,t)}function rs(n,{on:e={},...t},s){for(let[o,r]of Object.entries(t))q(n,o,r);for(let[o,r]of Object.entries(e))n.addEventListener(o,r);return n.append(...s.flat().filter(o=>o!=null)),n}function q(n,e,t){let s=n.getAttribute(e);t===!1||t===null||t===void 0?s!==null&&n.removeAttribute(e):s!==String(t===!0?"":t)&&n.setAttribute(e,t===!0?"":t)}function E(n,e){n.textContent!==e&&(n.textContent=e)}function I(n,...e){n.replaceChildren(...e.flat().filter(t=>t!=null))}function an(n){return j("svg",{viewBox:"0 0 16 16",width:16,height:16,"aria-hidden":"true",focusable:"false"},j("path",{d:n,fill:"currentColor"}))}function T(n,e,t={}){return g("button",{type:"button",...t,on:{click:e}},n)}var os=0;function Oe(n){return os+=1,`gg-${n}-${os}`}function We(n,e,t){let s=URL.createObjectURL(e instanceof Blob?e:new Blob([e],{type:t})),o=g("a",{href:s,download:n});document.body.append(o),o.click(),o.remove(),setTimeout(()=>URL.revokeObjectURL(s),1e4)}async function yt(n){if(n.focus(),n.select(),document.execCommand("copy"))return!0;try{return await navigator.clipboard.writeText(n.value),!0}catch{return!1}}var ln={en:{"app.cannot_start":"The player cannot start: {error}","app.python_says":"Python says: {message}","app.graph":"Graph","app.in_the_graph":"In the graph","app.help":"Help: all keys","app.keys":"Keys (?)","app.panels":"Panels","theme.auto":"Theme: auto","theme.light":"Theme: light","theme.dark":"Theme: dark","panel.step":"Step","panel.node":"Node","panel.leaves":"Leaves","panel.paths":"Paths","panel.bugs":"Bug lab","panel.table":"Table","panel.time":"Time","panel.quiz":"Exercise","panel.judged":"Judged","address.bad":"The address asks for {name}={value}: use {wanted}.","address.step":"start, end or a whole number from 0 to {total}","address.height":"a whole number of pixels from {low} to {high}","address.flag":"1 or 0","list.or":"{most} or {last}","bar.begin":"Press n or → to compute the first node, Space to play them all.","bar.stepping":"Stepping","bar.first":"To the start (Home)","bar.back":"One step back (←)","bar.play":"Play (Space)","bar.pause":"Pause (Space)","bar.next":"One step on (→)","bar.last":"To the end (End)","bar.step":"Step","bar.speed":"speed","bar.rate":"{n} /s","bar.jump":"Jump to node…","bar.jump_to":"Jump to {name}","bar.bound":"bound","bar.bound_label":"bound of |gradient|","bar.over":"|gradient| over","bar.nonfinite":"gradient NaN or infinite","bar.second":"second contribution to a node","bar.stop_where":"Stop where","bar.run":"Run to breakpoint","bar.run_key":"Run to breakpoint (b)","bar.breakpoints":"Breakpoints","break.none":"no breakpoint on the way: this is the end","break.nan":"stopped at {node} behind step {t}: its gradient is NaN","break.infinite":"stopped at {node} behind step {t}: its gradient is infinite","break.bound":"stopped at {node} behind step {t}: its gradient is larger than {bound}","break.second":"stopped at {node} behind step {t}: it gets its second contribution","bugs.intro":"Each switch makes one classic mistake of those who write backpropagation. The picture shows what comes of it.","bugs.not_here":"Not here: {why}.","bugs.wrong":"wrong","bugs.right":"right","bugs.nothing":"At these numbers it happens to change nothing. That is what makes it hard to find.","bugs.first":"first wrong node","bugs.its_gradient":"its gradient","bugs.right_would_be":"right would be","bugs.its_value":"its value","bugs.instead_of":"{value} instead of {right}","bugs.made_at":"made at","bugs.wrong_gradients":"wrong gradients","bugs.count":"{count} of {all}","bug.overwrite.title":"= instead of +=","bug.overwrite.text":"A node that is used twice gets two shares of gradient. With = the later one replaces the earlier.","bug.overwrite.why":"no node here is used twice","bug.order.title":"wrong order","bug.order.text":"Breadth first from the root is no topological order: a node sends its gradient on before all of it is there.","bug.order.why":"in this graph breadth first happens to be a right order","bug.stale.title":"stale inner gradients","bug.stale.text":"backward() twice: leaves may accumulate, inner nodes must start from 0, or the first call's gradients are sent once more.","bug.stale.why":"the graph has no inner node: its gradients come straight from the root","bug.zero_grad.title":"forgotten zero_grad","bug.zero_grad.text":"The next training step adds its gradients to those of the last: without zero_grad() the leaves' are the sum of both.","bug.zero_grad.why":"the graph has no leaf that can be trained","bug.detached.title":"detached value","bug.detached.text":"The value was taken out of the graph on the way (x.data, float(x)): from there on it is a constant, and nothing flows back.","bug.detached.why":"the graph has no inner node with a leaf below it","bug.dead_relu.title":"dead ReLU","bug.dead_relu.text":"Where a relu's argument is negative its derivative is 0: nothing below it learns, whatever the rest does.","bug.dead_relu.why":"the graph has no relu that is alive","bug.saturated_tanh.title":"saturated tanh","bug.saturated_tanh.text":"Far from 0 tanh is flat: 1 − tanh² is nearly 0, and so is every gradient below it.","bug.saturated_tanh.why":"the graph has no tanh","chart.spoken":"{title}: from {first} to {last}, between {low} and {high}","export.menu":"Export","export.svg":"Picture as SVG","export.png":"Picture as PNG","export.tex":"Chain rule as LaTeX","export.impossible":"not possible here: {error}","export.cannot_draw":"the browser cannot draw this picture","export.too_large":"the picture is too large","export.file":"{stem}-step-{step}","export.graph":"graph","find.label":"Find a node by label, operation or source line","find.placeholder":"Find ( / )","find.found":"Nodes found","find.more":"{shown} shown, {more} more","find.nothing":"nothing found","count.node.one":"{count} node","count.node.other":"{count} nodes","count.edge.one":"{count} edge","count.edge.other":"{count} edges","count.leaf.one":"leaf","count.leaf.other":"leaves","count.constant.one":"constant","count.constant.other":"constants","node.leaf":"leaf","node.constant":"constant","outline.depth":"depth {depths}{place}","slip.right":"right","slip.shown":"the worked solution was looked at first","slip.no_number_yet":"no number yet","slip.not_a_number":"{text} is no number","slip.empty":"that is no number","slip.rounding":"close, but not rounded finely enough: give three significant digits","slip.sign_rough":"the sign is flipped, and it is rounded too roughly","slip.other":"not this number: write down upstream gradient times local derivative for each use","slip.sign":"the sign is flipped","slip.twice":"twice too much: each share counts once, and gradients start from 0","slip.value":"that is the value of {node}, not its gradient","slip.one":"only one of {n} contributions: that through {through}. {node} is used {n} times: add them","slip.one_line":"only one of {n} contributions: that through {through}; {node} is used {n} times: add them","slip.missing":"the contribution through {through} is missing","slip.product":"contributions are added, not multiplied","slip.local_several":"local derivatives alone: multiply each by the gradient that comes from above","slip.local_factor":"that is the product's other factor, the local derivative without the gradient from above: multiply by {upstream}","slip.local":"that is the local derivative {local} alone: multiply by {upstream}","slip.upstream_several":"the gradients from above are passed on as they are: multiply each by its local derivative","slip.upstream_product":"the gradient from above without the local derivative: through a product goes the other factor, {local}","slip.upstream_minus":"minus turns the sign: {local} = −1","slip.upstream_operation":"the derivative of {operation} is forgotten: multiply {upstream} by {local}","slip.upstream":"the local derivative is forgotten: multiply {upstream} by {local}","slip.factor":"multiplied by {node} itself: the derivative of a product is the other factor","slip.summand":"a sum passes the gradient on as it is: what is added does not matter","slip.derivative":"multiplied by {node} itself, not by the derivative of {operation} there","slip.tanh_square":"the derivative of tanh is 1 − tanh²: the square is missing","slip.tanh_result":"the derivative of tanh is 1 − tanh², of its result, not of its operand","slip.power_factor":"the exponent comes down as a factor: n · xⁿ⁻¹","slip.power_less":"the exponent goes down by one: n · xⁿ⁻¹","hint.root":"How does the root change when the root changes?","hint.no_path":"Is there any path from here to the root?","hint.used_once":"{node} is used once, in {users}: one share.","hint.used":"{node} is used {n} times, in {users}: as many shares, added.","solution.no_path":"{gradient} = 0: no path leads to the root","solution.no_path_to":"{gradient} = 0: no path leads from {node} to {root}","solution.values":"values:","solution.gradients":"gradients:","share.of":"share of {gradient}","share.sum.one":"sum of {n} share","share.sum.other":"sum of {n} shares","share.more":"… ({n} more)","score.right":"{right} of {all} right","score.shown":"{n} shown","score.to_go":"{n} to go","score.done":"done","help.title":"Keys","help.everywhere":"Everywhere but in a field","help.leaves":"Every number is followed by the graph: leaves are moved in the panel Leaves, by slider, number, or nudge.","help.close":"Close","keys.next":"one step on","keys.back":"one step back","keys.toggle":"play, pause","keys.first":"to the start: nothing computed","keys.last":"to the end: all gradients known","keys.break":"run to the next breakpoint","keys.jump":"jump to the selected node's backward step","keys.find":"find a node by label, operation or source line","keys.table":"the table view","keys.leaves":"the leaves","keys.fit":"the whole graph in view","keys.zoomIn":"zoom in","keys.zoomOut":"zoom out","keys.tab":"open a panel","keys.escape":"leave a field, close what is open, else select nothing","keys.help":"this list","keys.edges":"along the edges: to operands, to users","keys.beside":"to the boxes beside","keys.select":"select a node, open a group","keys.close_group":"close the group around","keys.move":"move","keys.zoom":"zoom; after a click into the graph the wheel alone does","shown.next":"→ or n","shown.back":"← or p","shown.toggle":"Space","shown.first":"Home or 0","shown.last":"End or e","shown.escape":"Esc","shown.enter":"Enter","shown.backspace":"Backspace","shown.drag":"drag","shown.wheel":"Ctrl + wheel, pinch","judged.no_gradients":"{name}: no gradients yet","judged.result":"{name}: {right} of {all} gradients right","judged.moved":"Leaves were moved here: this is about the numbers they had in Python.","judged.what":"What probably went wrong","judged.wrong":"Wrong ({n})","judged.open":"Not judged ({n})","judged.reason":": {reason}","list.more":"… and {n} more","leaves.caption":"Leaves: the variables that can be moved","leaves.filter":"filter","leaves.h":"h","leaves.rate":"rate","leaves.all":"all","leaves.reset":"Reset all","leaves.descent":"Gradient-descent step (−)","leaves.ascent":"Ascent step (+)","leaves.descent_title":"each chosen leaf − rate · gradient","leaves.ascent_title":"each chosen leaf + rate · gradient","leaves.choose":"Choose leaves first: tick the boxes before their names.","leaves.descended.one":"{n} leaf − {rate} · gradient: {root} from {before} to {after} ({way})","leaves.descended.other":"{n} leaves − {rate} · gradient: {root} from {before} to {after} ({way})","leaves.ascended.one":"{n} leaf + {rate} · gradient: {root} from {before} to {after} ({way})","leaves.ascended.other":"{n} leaves + {rate} · gradient: {root} from {before} to {after} ({way})","leaves.down":"down","leaves.up":"up","leaves.same":"the same","leaves.bad_h":"h must be a number other than 0.","leaves.some":"{most} of {count} leaves: filter by name to see others","leaves.no_such":"No leaf has such a name.","leaves.none":"This graph has no leaf that can be moved.","leaves.of_group":"{name} of {group}","leaves.slider":"{name}, slider","leaves.value":"{name}, value","leaves.in_descent":"{name}, in the descent step","leaves.plus_h":"+ h","leaves.nudge_label":"nudge {name} by h","leaves.nudge_own":"{name} + {h}: an operation of your own is on the way, which is not recomputed here","leaves.nudge_hidden":"{name} + {h}: predicted change of {root} = {gradient} · h = ? · {h} = ?, actual {actual}","leaves.nudge":"{name} + {h}: predicted change of {root} = {gradient} · h = {slope} · {h} = {guess}, actual {actual}; they differ by {missed}","term.leaf":"leaf","term.node":"node","term.name":"name","term.value":"value","term.gradient":"gradient","term.nudge":"nudge","term.operation":"operation","term.operand":"operand","term.operands":"operands","term.local":"local derivative","term.locals":"local derivatives","term.difference":"difference","node.when_found":"shown when the gradient is found","node.when_through":"shown when backpropagation is through","node.agrees":"✓ agrees with the central difference {difference}","node.disagrees":"✗ the central difference is {difference}","node.cannot_tell":"cannot be told: the central difference is {difference} (a kink, a number that is not finite, or one that is not recomputed here)","node.other":"⚠ {gradient}: not the derivative. backward() was called more than once, or a rule is wrong","node.nothing":"Nothing is selected. Click a node, or find one by name (/).","node.stale":"out of date","node.none":"none: a constant","node.in_python":"in Python","node.in_class":"in {name}","node.right":"right gradient","node.check":"check","node.recomputed":"recomputed here","node.frozen":"no: an operation of your own, its value stays as it was","node.group":"group","node.source":"source","node.to_forward":"Go to its forward step","node.to_backward":"Go to its backward step","node.move":"Move it","node.paths":"Its paths","node.unknown":"not known at this step","node.operands":"Operands ({n})","node.is_root":"This is the root: nothing uses it.","node.unused":"Nothing uses it.","node.used_by":"Used by ({n})","node.gradient":"Gradient","node.not_yet":"{left} = {product}: not yet","node.its_gradient":"Its gradient","node.its_sum":"Its gradient: the sum of {n} shares","node.no_gradient":"No gradient comes: no path leads from here to the root.","paths.about":"about {mantissa} · 10^{exponent}","paths.click":"Click a leaf: every path from it to the root is listed here.","paths.title":"From {from} to {to}","paths.constant":"A constant has no gradient, and so no path that matters.","paths.exercise":"This gradient is part of the exercise: find it first, then come back.","paths.counted":"{count} paths: counted, not listed. Backpropagation sums them all without walking each.","paths.none":"No path that sends a gradient leads from here to the root: the gradient is 0.","paths.each.one":"{count} path, each with its product of local derivatives; their sum is the gradient.","paths.each.other":"{count} paths, each with its product of local derivatives; their sum is the gradient.","paths.more":"… {n} more …","quiz.moved":"You moved a leaf. The answers are those for the numbers that the exercise came with. ","quiz.put_back":"Put them back","quiz.worked":"Worked solution","quiz.later":"The worked solution opens once every gradient has an answer.","quiz.again":"Start over","quiz.erase":"Erase all answers?","quiz.answers":"Answers","quiz.check":"Check","quiz.sealed":"This page does not check your answers. Hand them in to have them graded.","quiz.line_label":"My answers as a line of text","quiz.title":"Find the gradients","quiz.task":"Work them out from the root back: upstream gradient times local derivative, summed over all uses. Three significant digits will do.","quiz.task_of_seed":"Work them out from the root back: upstream gradient times local derivative, summed over all uses. Three significant digits will do. (Numbers of seed {seed}.)","quiz.copy":"Copy my answers","quiz.save":"Save","quiz.gradient_of":"gradient of {name}","quiz.hint":"Hint","quiz.hint_for":"Hint for {name}","quiz.copied":"Copied. Paste this line where your teacher asks for it.","quiz.no_clipboard":"This page may not use the clipboard. The line is selected: copy it with Ctrl+C or ⌘C.","quiz.saved":"Saved as {name}.","quiz.file":"answers {name}","quiz.answered":"{n} of {all} answered","verdict.right":"✓ right","step.latex":"LaTeX of the chain rule","step.copy":"Copy LaTeX","step.copied":"copied","step.select":"select the text and copy it","step.mistake":"A mistake is switched on in the bug lab; this is how the step goes right.","step.start":"The leaves have their values. Step on (→) to compute the nodes one by one, then to send gradients back.","step.locals":"Local derivatives","step.more_operands":"… and {n} operands more","step.constant":"constant: no gradient","step.operands":"Operands of this step","step.seed":"Backpropagation starts here: the root by itself has slope 1. Every other gradient is 0 until a share comes.","step.passes":"{node} has {gradient} and passes it on:","step.is_constant":"{node} is a constant: it gets no gradient.","step.not_chosen":"{node} was not chosen: it gets nothing.","step.shares_so_far":"Shares of {gradient}: {n} of {all} so far","step.shares_all":"Shares of {gradient}: all {all}","phase.forward":"forward","phase.backward":"backward","where.start":"step 0 of {total} · nothing computed yet","where.seed":"step {t} of {total} · backward · start at {node}","where.step":"step {t} of {total} · {phase} · {sign} → {node}","spoken.start":"step 0 of {total}, nothing computed yet","spoken.seed":"step {t} of {total}, backward, start at {node}: its gradient is 1","spoken.forward":"step {t} of {total}, forward, {sign} makes {node}: value {value}","spoken.backward":"step {t} of {total}, backward, {sign} makes {node}","spoken.gradient":"gradient of {node} {gradient}","spoken.hidden":"gradient of {node} to be found","table.label":"Table of nodes","table.earlier":"Earlier rows","table.later":"Later rows","table.rows":"rows {from}–{to} of {all}","table.in_all":"… {n} in all","table.caption":"{n} nodes behind step {t} of {total}; operands come before what is made of them","time.recorded":"Recorded step","time.nothing":"nothing","time.all":"all nodes","time.earlier":"Earlier recorded step","time.later":"Later recorded step","time.compare":"compare with","time.step":"training step {step}","time.kept":"{step}, {k} of {all} kept","time.value_over":"{node}: value over the steps","time.gradient_over":"{node}: gradient over the steps","time.value_of":"value of {node}","time.always_1":"The gradient of {node} is always 1. Select a node to see its own.","time.choose":"Choose a second step to see both side by side.","time.two":"Two recorded steps side by side","time.beside":"{a} beside {b}","time.beside_last":"{a} beside {b}; the last {n} nodes","box.not_computed":"{node}: not computed yet","box.operation":"operation {sign} of {operands}","box.to_be_found":"gradient: to be found","box.gradient":"gradient {gradient}","box.no_gradient":"no gradient yet","box.made_at":"made at {source}","box.agrees.yes":"gradient agrees with the central difference","box.agrees.no":"gradient does not agree with the central difference","box.agrees.unknown":"agreement with the central difference cannot be told","box.not_finite":"holds gradients or values that are not finite","box.open":"open with a click or Enter","box.close":"close with a click or Enter","box.grad":"grad","marks.wrong":"first wrong: right is {right}","marks.legend":"grad {low}","sight.wheel":"Ctrl + wheel zooms. So does the wheel after a click.","sight.wheel_mac":"⌘ + wheel zooms. So does the wheel after a click.","sight.left":"← more","sight.right":"more →","sight.up":"↑ more","sight.down":"↓ more","sight.left_label":"Show more to the left","sight.right_label":"Show more to the right","sight.up_label":"Show more above","sight.down_label":"Show more below","graph.label":"Graph; arrow keys follow the edges","graph.turn":"From left to right, or from top to bottom","graph.open":"Open all","graph.open_label":"Open all groups","graph.close":"Close all","graph.close_label":"Close all groups","graph.zoom_out":"Zoom out","graph.zoom_in":"Zoom in","graph.fit":"Fit","graph.fit_label":"Fit the whole graph","print.name":"Name:","print.date":"Date:","document.none":"this is no document of glassgrad's player","document.version":"the document has version {found}, the player reads version {known}: make the page again","share.rest":"… {n} more","stale.moved":"{node} was moved after the forward pass: it was {before}, and is now {now}.","stale.leaf_moved":"A leaf was moved after the forward pass: it was {before}, and is now {now}.","stale.changed":"{node} was changed after the forward pass: it was {before}, and is now {now}.","stale.several":"{n} nodes were changed after the forward pass: {list}.","stale.one_of_them":"{node} was {before}, and is now {now}","stale.and_more":"and {n} more","stale.note_moved":"moved after the forward pass: it was {before}, and is now {now}","stale.note_changed":"changed after the forward pass: it was {before}, and is now {now}","stale.note_stale":"stale: computed before the nodes that it depends on were changed","stale.mixed":"Some of this graph was computed before that, some after it.","stale.disowned":"Gradients of moved leaves are left out where another backward() has changed them.","stale.dashed":"Dashed: numbers as they were computed. Call forward() on {roots} to compute it again.","stale.and_on":"{first} and on {second}","stale.a_leaf":"a leaf","stale.result_of":"the result of {operation}","stale.page_computes":"This page shows the graph as forward() computes it from the leaves.","stale.exercise_computes":"The exercise has the numbers that forward() computes.","stale.exercise_keeps":"The exercise has the numbers as they were computed.","stale.step":"This step's backward() came without a new forward pass.","judge.twice":"backward() ran {times} times and the gradients were not set to 0 in between: call zero_grad() first","judge.order":"nodes are not visited in topological order: each must wait until all that use it have sent their share","judge.recursion":"backward() visits a node again for each path to it, and sends on what it sent before: visit each node once","judge.overwrite":"= in place of +=: {name} is used {times} times, but holds one share only; write self.grad += …","judge.leftover":"the leaves hold more than this backward() gives: gradients of an earlier one; set them to 0 before each","judge.rule":"the _backward of {op} has a wrong local derivative","judge.silent":"the _backward of {op} sends no gradient on","judge.start":"the gradient of the root must start at 1: self.grad = 1 at the beginning of backward()","judge.since_other":"not judged, since that of {node} is not","judge.since_unknown":"not judged, since the derivative of {node} is not known: {why}","judge.kink":"the derivative jumps at these numbers, so more than one is right","judge.call_first":"No gradient of {name} is set yet: call backward() first, then play it again.","judge.in_a_set":"{name} keeps operands in a set, which records neither their order nor whether one was used twice. Both are worked out from the values here; where these allow more than one reading, nothing is judged.","judge.off":"{given}, not {right}","judge.because":"{what}: {why}","judge.root_is_1":"the derivative of a number by itself is 1","judge.not_the_sum":"it is not the sum of its shares","judge.follows":"it follows from the gradient of {node}, which is wrong","judge.nothing_arrived":"no gradient arrived from {node}","judge.was_before":"something was in it before","judge.nothing_due":"nothing should have come","judge.local":"the local derivative of {op} is {slope} here, but {came} was used","judge.one_share":"only one of its {n} shares arrived","judge.share_missing":"the share through {node} is missing","trouble.in_a_set":"its operand is in a set, which does not say whether it was used twice","trouble.changed":"leaves of this graph were changed after the forward pass, and its value does not tell whether this one was","trouble.no_name":"it has operands, but its operation has no name","trouble.no_order":"its operands are in a set, which has no order: {operation} gives {value} either way round","trouble.unknown":"the operation {operation} is not known here for operands like these","trouble.mismatch":"its value {value} is not what {operation} gives from its operands, {tried}: a leaf was changed after the forward pass, or the operation's name is wrong","trouble.number_lost":"it has one operand, and the number that {operation} took besides it is not kept","page.no_script":"This page steps through backpropagation, for which it needs JavaScript. This is its graph:"},de:{"app.cannot_start":"Der Player kann nicht starten: {error}","app.python_says":"Python meldet: {message}","app.graph":"Graph","app.in_the_graph":"Im Graphen","app.help":"Hilfe: alle Tasten","app.keys":"Tasten (?)","app.panels":"Bereiche","theme.auto":"Design: auto","theme.light":"Design: hell","theme.dark":"Design: dunkel","panel.step":"Schritt","panel.node":"Knoten","panel.leaves":"Blätter","panel.paths":"Pfade","panel.bugs":"Fehler","panel.table":"Tabelle","panel.time":"Zeit","panel.quiz":"Übung","panel.judged":"Urteil","address.bad":"Die Adresse verlangt {name}={value}: möglich ist {wanted}.","address.step":"start, end oder eine ganze Zahl von 0 bis {total}","address.height":"eine ganze Zahl von Pixeln von {low} bis {high}","address.flag":"1 oder 0","list.or":"{most} oder {last}","bar.begin":"Mit n oder → den ersten Knoten berechnen, mit der Leertaste alle abspielen.","bar.stepping":"Schrittsteuerung","bar.first":"Zum Anfang (Pos1)","bar.back":"Ein Schritt zurück (←)","bar.play":"Abspielen (Leertaste)","bar.pause":"Pause (Leertaste)","bar.next":"Ein Schritt vor (→)","bar.last":"Zum Ende (Ende)","bar.step":"Schritt","bar.speed":"Tempo","bar.rate":"{n} /s","bar.jump":"Zum Knoten …","bar.jump_to":"Zu {name}","bar.bound":"Grenze","bar.bound_label":"Grenze für |Gradient|","bar.over":"|Gradient| über","bar.nonfinite":"Gradient NaN oder unendlich","bar.second":"zweiter Beitrag zu einem Knoten","bar.stop_where":"Anhalten bei","bar.run":"Bis zum Haltepunkt","bar.run_key":"Bis zum Haltepunkt laufen (b)","bar.breakpoints":"Haltepunkte","break.none":"kein Haltepunkt auf dem Weg: hier ist das Ende","break.nan":"angehalten bei {node} nach Schritt {t}: der Gradient ist NaN","break.infinite":"angehalten bei {node} nach Schritt {t}: der Gradient ist unendlich","break.bound":"angehalten bei {node} nach Schritt {t}: der Gradient ist größer als {bound}","break.second":"angehalten bei {node} nach Schritt {t}: der zweite Beitrag kommt an","bugs.intro":"Jeder Schalter macht einen klassischen Fehler beim Programmieren von Backpropagation. Das Bild zeigt, was dabei herauskommt.","bugs.not_here":"Hier nicht möglich: {why}.","bugs.wrong":"falsch","bugs.right":"richtig","bugs.nothing":"Bei diesen Zahlen ändert er zufällig nichts. Gerade das macht ihn schwer zu finden.","bugs.first":"erster falscher Knoten","bugs.its_gradient":"sein Gradient","bugs.right_would_be":"richtig wäre","bugs.its_value":"sein Wert","bugs.instead_of":"{value} statt {right}","bugs.made_at":"gemacht bei","bugs.wrong_gradients":"falsche Gradienten","bugs.count":"{count} von {all}","bug.overwrite.title":"= statt +=","bug.overwrite.text":"Ein Knoten, der zweimal benutzt wird, bekommt zwei Anteile des Gradienten. Mit = ersetzt der spätere den früheren.","bug.overwrite.why":"kein Knoten wird hier zweimal benutzt","bug.order.title":"falsche Reihenfolge","bug.order.text":"Breitensuche von der Wurzel ist keine topologische Ordnung: ein Knoten gibt seinen Gradienten weiter, bevor er vollständig ist.","bug.order.why":"in diesem Graphen ist Breitensuche zufällig eine richtige Reihenfolge","bug.stale.title":"alte innere Gradienten","bug.stale.text":"backward() zweimal: Blätter dürfen aufsummieren, innere Knoten müssen bei 0 beginnen, sonst werden die Gradienten des ersten Aufrufs noch einmal weitergegeben.","bug.stale.why":"der Graph hat keinen inneren Knoten: die Gradienten kommen direkt von der Wurzel","bug.zero_grad.title":"zero_grad vergessen","bug.zero_grad.text":"Der nächste Trainingsschritt addiert seine Gradienten zu denen des letzten: ohne zero_grad() haben die Blätter die Summe von beiden.","bug.zero_grad.why":"der Graph hat kein Blatt, das trainiert werden kann","bug.detached.title":"abgetrennter Wert","bug.detached.text":"Der Wert wurde unterwegs aus dem Graphen genommen (x.data, float(x)): von da an ist er eine Konstante, und nichts fließt zurück.","bug.detached.why":"der Graph hat keinen inneren Knoten mit einem Blatt darunter","bug.dead_relu.title":"tote ReLU","bug.dead_relu.text":"Wo das Argument einer relu negativ ist, ist ihre Ableitung 0: darunter lernt nichts, was auch immer der Rest tut.","bug.dead_relu.why":"der Graph hat keine relu, die noch lebt","bug.saturated_tanh.title":"gesättigter tanh","bug.saturated_tanh.text":"Weit von 0 ist tanh flach: 1 − tanh² ist fast 0, und damit auch jeder Gradient darunter.","bug.saturated_tanh.why":"der Graph hat keinen tanh","chart.spoken":"{title}: von {first} bis {last}, zwischen {low} und {high}","export.menu":"Export","export.svg":"Bild als SVG","export.png":"Bild als PNG","export.tex":"Kettenregel als LaTeX","export.impossible":"hier nicht möglich: {error}","export.cannot_draw":"der Browser kann dieses Bild nicht zeichnen","export.too_large":"das Bild ist zu groß","export.file":"{stem}-schritt-{step}","export.graph":"graph","find.label":"Knoten nach Name, Operation oder Quellzeile suchen","find.placeholder":"Suchen ( / )","find.found":"Gefundene Knoten","find.more":"{shown} gezeigt, {more} weitere","find.nothing":"nichts gefunden","count.node.one":"{count} Knoten","count.node.other":"{count} Knoten","count.edge.one":"{count} Kante","count.edge.other":"{count} Kanten","count.leaf.one":"Blatt","count.leaf.other":"Blätter","count.constant.one":"Konstante","count.constant.other":"Konstanten","node.leaf":"Blatt","node.constant":"Konstante","outline.depth":"Tiefe {depths}{place}","slip.right":"richtig","slip.shown":"zuerst wurde der Lösungsweg angesehen","slip.no_number_yet":"noch keine Zahl","slip.not_a_number":"{text} ist keine Zahl","slip.empty":"das ist keine Zahl","slip.rounding":"nah dran, aber zu grob gerundet: drei geltende Ziffern angeben","slip.sign_rough":"das Vorzeichen ist verkehrt, und es ist zu grob gerundet","slip.other":"nicht diese Zahl: für jede Verwendung den ankommenden Gradienten mal die lokale Ableitung aufschreiben","slip.sign":"das Vorzeichen ist verkehrt","slip.twice":"doppelt so viel: jeder Anteil zählt einmal, und Gradienten beginnen bei 0","slip.value":"das ist der Wert von {node}, nicht sein Gradient","slip.one":"nur einer von {n} Beiträgen: der über {through}. {node} wird {n}-mal benutzt: addieren","slip.one_line":"nur einer von {n} Beiträgen: der über {through}; {node} wird {n}-mal benutzt: addieren","slip.missing":"der Beitrag über {through} fehlt","slip.product":"Beiträge werden addiert, nicht multipliziert","slip.local_several":"nur lokale Ableitungen: jede mit dem Gradienten multiplizieren, der von oben kommt","slip.local_factor":"das ist der andere Faktor des Produkts, die lokale Ableitung ohne den Gradienten von oben: mit {upstream} multiplizieren","slip.local":"das ist nur die lokale Ableitung {local}: mit {upstream} multiplizieren","slip.upstream_several":"die Gradienten von oben sind unverändert weitergegeben: jeden mit seiner lokalen Ableitung multiplizieren","slip.upstream_product":"der Gradient von oben ohne die lokale Ableitung: bei einem Produkt ist das der andere Faktor, {local}","slip.upstream_minus":"Minus kehrt das Vorzeichen um: {local} = −1","slip.upstream_operation":"die Ableitung von {operation} ist vergessen: {upstream} mit {local} multiplizieren","slip.upstream":"die lokale Ableitung ist vergessen: {upstream} mit {local} multiplizieren","slip.factor":"mit {node} selbst multipliziert: die Ableitung eines Produkts ist der andere Faktor","slip.summand":"eine Summe gibt den Gradienten unverändert weiter: was addiert wird, spielt keine Rolle","slip.derivative":"mit {node} selbst multipliziert, nicht mit der Ableitung von {operation} dort","slip.tanh_square":"die Ableitung von tanh ist 1 − tanh²: das Quadrat fehlt","slip.tanh_result":"die Ableitung von tanh ist 1 − tanh², vom Ergebnis, nicht vom Operanden","slip.power_factor":"der Exponent kommt als Faktor nach vorn: n · xⁿ⁻¹","slip.power_less":"der Exponent wird um eins kleiner: n · xⁿ⁻¹","hint.root":"Wie ändert sich die Wurzel, wenn sich die Wurzel ändert?","hint.no_path":"Gibt es überhaupt einen Pfad von hier zur Wurzel?","hint.used_once":"{node} wird einmal benutzt, in {users}: ein Anteil.","hint.used":"{node} wird {n}-mal benutzt, in {users}: ebenso viele Anteile, addiert.","solution.no_path":"{gradient} = 0: kein Pfad führt zur Wurzel","solution.no_path_to":"{gradient} = 0: kein Pfad führt von {node} zu {root}","solution.values":"Werte:","solution.gradients":"Gradienten:","share.of":"Anteil von {gradient}","share.sum.one":"Summe von {n} Anteil","share.sum.other":"Summe von {n} Anteilen","share.more":"… ({n} weitere)","score.right":"{right} von {all} richtig","score.shown":"{n} gezeigt","score.to_go":"noch {n} offen","score.done":"fertig","help.title":"Tasten","help.everywhere":"Überall, außer in einem Feld","help.leaves":"Der Graph folgt jeder Zahl: Blätter werden im Bereich „Blätter“ verändert, mit Regler, Zahl oder kleinem Stoß.","help.close":"Schließen","keys.next":"ein Schritt vor","keys.back":"ein Schritt zurück","keys.toggle":"abspielen, anhalten","keys.first":"zum Anfang: nichts berechnet","keys.last":"zum Ende: alle Gradienten bekannt","keys.break":"bis zum nächsten Haltepunkt laufen","keys.jump":"zum Rückwärtsschritt des gewählten Knotens","keys.find":"Knoten nach Name, Operation oder Quellzeile suchen","keys.table":"die Tabelle","keys.leaves":"die Blätter","keys.fit":"den ganzen Graphen zeigen","keys.zoomIn":"vergrößern","keys.zoomOut":"verkleinern","keys.tab":"einen Bereich öffnen","keys.escape":"ein Feld verlassen, Offenes schließen, sonst die Auswahl aufheben","keys.help":"diese Liste","keys.edges":"entlang der Kanten: zu Operanden, zu Benutzern","keys.beside":"zu den Kästen daneben","keys.select":"Knoten wählen, Gruppe öffnen","keys.close_group":"die umgebende Gruppe schließen","keys.move":"verschieben","keys.zoom":"zoomen; nach einem Klick in den Graphen genügt das Mausrad","shown.next":"→ oder n","shown.back":"← oder p","shown.toggle":"Leertaste","shown.first":"Pos1 oder 0","shown.last":"Ende oder e","shown.escape":"Esc","shown.enter":"Eingabe","shown.backspace":"Rücktaste","shown.drag":"ziehen","shown.wheel":"Strg + Mausrad, zwei Finger","judged.no_gradients":"{name}: noch keine Gradienten","judged.result":"{name}: {right} von {all} Gradienten richtig","judged.moved":"Hier wurden Blätter verändert: das Urteil gilt für die Zahlen, die sie in Python hatten.","judged.what":"Was wahrscheinlich falsch lief","judged.wrong":"Falsch ({n})","judged.open":"Nicht beurteilt ({n})","judged.reason":": {reason}","list.more":"… und {n} weitere","leaves.caption":"Blätter: die Variablen, die verändert werden können","leaves.filter":"Filter","leaves.h":"h","leaves.rate":"Rate","leaves.all":"alle","leaves.reset":"Alle zurücksetzen","leaves.descent":"Gradientenabstieg (−)","leaves.ascent":"Aufstieg (+)","leaves.descent_title":"jedes gewählte Blatt − Rate · Gradient","leaves.ascent_title":"jedes gewählte Blatt + Rate · Gradient","leaves.choose":"Zuerst Blätter wählen: die Kästchen vor den Namen ankreuzen.","leaves.descended.one":"{n} Blatt − {rate} · Gradient: {root} von {before} auf {after} ({way})","leaves.descended.other":"{n} Blätter − {rate} · Gradient: {root} von {before} auf {after} ({way})","leaves.ascended.one":"{n} Blatt + {rate} · Gradient: {root} von {before} auf {after} ({way})","leaves.ascended.other":"{n} Blätter + {rate} · Gradient: {root} von {before} auf {after} ({way})","leaves.down":"kleiner","leaves.up":"größer","leaves.same":"gleich","leaves.bad_h":"h muss eine Zahl ungleich 0 sein.","leaves.some":"{most} von {count} Blättern: andere zeigt der Filter nach Namen","leaves.no_such":"Kein Blatt hat so einen Namen.","leaves.none":"Dieser Graph hat kein Blatt, das verändert werden kann.","leaves.of_group":"{name} von {group}","leaves.slider":"{name}, Regler","leaves.value":"{name}, Wert","leaves.in_descent":"{name}, beim Gradientenabstieg","leaves.plus_h":"+ h","leaves.nudge_label":"{name} um h verändern","leaves.nudge_own":"{name} + {h}: auf dem Weg ist eine eigene Operation, die hier nicht neu berechnet wird","leaves.nudge_hidden":"{name} + {h}: vorhergesagte Änderung von {root} = {gradient} · h = ? · {h} = ?, tatsächlich {actual}","leaves.nudge":"{name} + {h}: vorhergesagte Änderung von {root} = {gradient} · h = {slope} · {h} = {guess}, tatsächlich {actual}; Unterschied {missed}","term.leaf":"Blatt","term.node":"Knoten","term.name":"Name","term.value":"Wert","term.gradient":"Gradient","term.nudge":"Stoß","term.operation":"Operation","term.operand":"Operand","term.operands":"Operanden","term.local":"lokale Ableitung","term.locals":"lokale Ableitungen","term.difference":"Unterschied","node.when_found":"sichtbar, wenn der Gradient gefunden ist","node.when_through":"sichtbar, wenn der Rückwärtsdurchlauf fertig ist","node.agrees":"✓ stimmt mit dem zentralen Differenzenquotienten {difference} überein","node.disagrees":"✗ der zentrale Differenzenquotient ist {difference}","node.cannot_tell":"nicht zu entscheiden: der zentrale Differenzenquotient ist {difference} (ein Knick, eine nicht endliche Zahl oder eine, die hier nicht neu berechnet wird)","node.other":"⚠ {gradient}: nicht die Ableitung. backward() wurde mehr als einmal aufgerufen, oder eine Regel ist falsch","node.nothing":"Nichts ist gewählt. Einen Knoten anklicken oder nach Namen suchen (/).","node.stale":"veraltet","node.none":"keiner: eine Konstante","node.in_python":"in Python","node.in_class":"in {name}","node.right":"richtiger Gradient","node.check":"Kontrolle","node.recomputed":"hier neu berechnet","node.frozen":"nein: eine eigene Operation, ihr Wert bleibt, wie er war","node.group":"Gruppe","node.source":"Quelle","node.to_forward":"Zum Vorwärtsschritt","node.to_backward":"Zum Rückwärtsschritt","node.move":"Verändern","node.paths":"Pfade von hier","node.unknown":"bei diesem Schritt nicht bekannt","node.operands":"Operanden ({n})","node.is_root":"Das ist die Wurzel: nichts benutzt sie.","node.unused":"Nichts benutzt ihn.","node.used_by":"Benutzt von ({n})","node.gradient":"Gradient","node.not_yet":"{left} = {product}: noch nicht","node.its_gradient":"Sein Gradient","node.its_sum":"Sein Gradient: die Summe von {n} Anteilen","node.no_gradient":"Kein Gradient kommt an: kein Pfad führt von hier zur Wurzel.","paths.about":"etwa {mantissa} · 10^{exponent}","paths.click":"Ein Blatt anklicken: hier erscheint jeder Pfad von ihm zur Wurzel.","paths.title":"Von {from} zu {to}","paths.constant":"Eine Konstante hat keinen Gradienten und damit keinen Pfad, der zählt.","paths.exercise":"Dieser Gradient gehört zur Übung: zuerst finden, dann hierher zurückkommen.","paths.counted":"{count} Pfade: gezählt, nicht aufgelistet. Backpropagation summiert sie alle, ohne jeden einzeln zu gehen.","paths.none":"Kein Pfad, der einen Gradienten weitergibt, führt von hier zur Wurzel: der Gradient ist 0.","paths.each.one":"{count} Pfad mit seinem Produkt der lokalen Ableitungen; das ist der Gradient.","paths.each.other":"{count} Pfade, jeder mit seinem Produkt der lokalen Ableitungen; ihre Summe ist der Gradient.","paths.more":"… {n} weitere …","quiz.moved":"Ein Blatt wurde verändert. Gefragt sind die Antworten zu den ursprünglichen Zahlen der Übung. ","quiz.put_back":"Zurücksetzen","quiz.worked":"Lösungsweg","quiz.later":"Der Lösungsweg öffnet sich, sobald jeder Gradient eine Antwort hat.","quiz.again":"Neu beginnen","quiz.erase":"Alle Antworten löschen?","quiz.answers":"Antworten","quiz.check":"Prüfen","quiz.sealed":"Diese Seite prüft die Antworten nicht. Sie werden nach der Abgabe bewertet.","quiz.line_label":"Meine Antworten als Textzeile","quiz.title":"Die Gradienten finden","quiz.task":"Von der Wurzel aus rückwärts rechnen: ankommender Gradient mal lokale Ableitung, summiert über alle Verwendungen. Drei geltende Ziffern genügen.","quiz.task_of_seed":"Von der Wurzel aus rückwärts rechnen: ankommender Gradient mal lokale Ableitung, summiert über alle Verwendungen. Drei geltende Ziffern genügen. (Zahlen zum Startwert {seed}.)","quiz.copy":"Antworten kopieren","quiz.save":"Speichern","quiz.gradient_of":"Gradient von {name}","quiz.hint":"Tipp","quiz.hint_for":"Tipp zu {name}","quiz.copied":"Kopiert. Die Zeile dort einfügen, wo die Lehrperson danach fragt.","quiz.no_clipboard":"Diese Seite darf die Zwischenablage nicht benutzen. Die Zeile ist markiert: mit Strg+C oder ⌘C kopieren.","quiz.saved":"Gespeichert als {name}.","quiz.file":"antworten {name}","quiz.answered":"{n} von {all} beantwortet","verdict.right":"✓ richtig","step.latex":"Kettenregel als LaTeX","step.copy":"LaTeX kopieren","step.copied":"kopiert","step.select":"den Text markieren und kopieren","step.mistake":"Im Bereich „Fehler“ ist ein Fehler eingeschaltet; hier steht, wie der Schritt richtig geht.","step.start":"Die Blätter haben ihre Werte. Weiter (→) berechnet die Knoten einen nach dem anderen und gibt dann die Gradienten zurück.","step.locals":"Lokale Ableitungen","step.more_operands":"… und {n} weitere Operanden","step.constant":"Konstante: kein Gradient","step.operands":"Operanden dieses Schritts","step.seed":"Hier beginnt Backpropagation: die Wurzel nach sich selbst abgeleitet ist 1. Jeder andere Gradient ist 0, bis ein Anteil kommt.","step.passes":"{node} hat {gradient} und gibt das weiter:","step.is_constant":"{node} ist eine Konstante und bekommt keinen Gradienten.","step.not_chosen":"{node} wurde nicht gewählt und bekommt nichts.","step.shares_so_far":"Anteile von {gradient}: bisher {n} von {all}","step.shares_all":"Anteile von {gradient}: alle {all}","phase.forward":"vorwärts","phase.backward":"rückwärts","where.start":"Schritt 0 von {total} · noch nichts berechnet","where.seed":"Schritt {t} von {total} · rückwärts · Start bei {node}","where.step":"Schritt {t} von {total} · {phase} · {sign} → {node}","spoken.start":"Schritt 0 von {total}, noch nichts berechnet","spoken.seed":"Schritt {t} von {total}, rückwärts, Start bei {node}: der Gradient ist 1","spoken.forward":"Schritt {t} von {total}, vorwärts, {sign} ergibt {node}: Wert {value}","spoken.backward":"Schritt {t} von {total}, rückwärts, {sign} ergibt {node}","spoken.gradient":"Gradient von {node} {gradient}","spoken.hidden":"Gradient von {node} gesucht","table.label":"Tabelle der Knoten","table.earlier":"Frühere Zeilen","table.later":"Spätere Zeilen","table.rows":"Zeilen {from}–{to} von {all}","table.in_all":"… insgesamt {n}","table.caption":"{n} Knoten nach Schritt {t} von {total}; Operanden stehen vor dem, was aus ihnen entsteht","time.recorded":"Aufgezeichneter Schritt","time.nothing":"nichts","time.all":"alle Knoten","time.earlier":"Früherer aufgezeichneter Schritt","time.later":"Späterer aufgezeichneter Schritt","time.compare":"vergleichen mit","time.step":"Trainingsschritt {step}","time.kept":"{step}, {k} von {all} behaltenen","time.value_over":"{node}: Wert über die Schritte","time.gradient_over":"{node}: Gradient über die Schritte","time.value_of":"Wert von {node}","time.always_1":"Der Gradient von {node} ist immer 1. Ein gewählter Knoten zeigt seinen eigenen.","time.choose":"Ein zweiter Schritt zeigt beide nebeneinander.","time.two":"Zwei aufgezeichnete Schritte nebeneinander","time.beside":"{a} neben {b}","time.beside_last":"{a} neben {b}; die letzten {n} Knoten","box.not_computed":"{node}: noch nicht berechnet","box.operation":"Operation {sign} von {operands}","box.to_be_found":"Gradient: gesucht","box.gradient":"Gradient {gradient}","box.no_gradient":"noch kein Gradient","box.made_at":"entstanden bei {source}","box.agrees.yes":"der Gradient stimmt mit dem zentralen Differenzenquotienten überein","box.agrees.no":"der Gradient stimmt nicht mit dem zentralen Differenzenquotienten überein","box.agrees.unknown":"ob der Gradient mit dem zentralen Differenzenquotienten übereinstimmt, ist nicht zu entscheiden","box.not_finite":"enthält Gradienten oder Werte, die nicht endlich sind","box.open":"öffnen mit einem Klick oder der Eingabetaste","box.close":"schließen mit einem Klick oder der Eingabetaste","box.grad":"grad","marks.wrong":"erster Fehler: richtig ist {right}","marks.legend":"grad {low}","sight.wheel":"Strg + Mausrad zoomt. Nach einem Klick genügt das Mausrad.","sight.wheel_mac":"⌘ + Mausrad zoomt. Nach einem Klick genügt das Mausrad.","sight.left":"← mehr","sight.right":"mehr →","sight.up":"↑ mehr","sight.down":"↓ mehr","sight.left_label":"Mehr nach links zeigen","sight.right_label":"Mehr nach rechts zeigen","sight.up_label":"Mehr nach oben zeigen","sight.down_label":"Mehr nach unten zeigen","graph.label":"Graph; Pfeiltasten folgen den Kanten","graph.turn":"Von links nach rechts oder von oben nach unten","graph.open":"Alle öffnen","graph.open_label":"Alle Gruppen öffnen","graph.close":"Alle schließen","graph.close_label":"Alle Gruppen schließen","graph.zoom_out":"Verkleinern","graph.zoom_in":"Vergrößern","graph.fit":"Ganz","graph.fit_label":"Den ganzen Graphen zeigen","print.name":"Name:","print.date":"Datum:","document.none":"das ist kein Dokument für den Player von glassgrad","document.version":"das Dokument hat Version {found}, der Player liest Version {known}: die Seite neu erzeugen","share.rest":"… {n} weitere","stale.moved":"{node} wurde nach dem Vorwärtsdurchlauf verändert: vorher {before}, jetzt {now}.","stale.leaf_moved":"Ein Blatt wurde nach dem Vorwärtsdurchlauf verändert: vorher {before}, jetzt {now}.","stale.changed":"{node} wurde nach dem Vorwärtsdurchlauf geändert: vorher {before}, jetzt {now}.","stale.several":"{n} Knoten wurden nach dem Vorwärtsdurchlauf geändert: {list}.","stale.one_of_them":"{node} vorher {before}, jetzt {now}","stale.and_more":"und {n} weitere","stale.note_moved":"nach dem Vorwärtsdurchlauf verändert: vorher {before}, jetzt {now}","stale.note_changed":"nach dem Vorwärtsdurchlauf geändert: vorher {before}, jetzt {now}","stale.note_stale":"veraltet: berechnet, bevor die Knoten geändert wurden, von denen er abhängt","stale.mixed":"Ein Teil dieses Graphen wurde vorher berechnet, ein Teil danach.","stale.disowned":"Gradienten veränderter Blätter fehlen, wo ein anderes backward() sie geändert hat.","stale.dashed":"Gestrichelt: Zahlen, wie sie berechnet wurden. forward() von {roots} berechnet den Graphen neu.","stale.and_on":"{first} und von {second}","stale.a_leaf":"ein Blatt","stale.result_of":"das Ergebnis von {operation}","stale.page_computes":"Diese Seite zeigt den Graphen so, wie forward() ihn aus den Blättern berechnet.","stale.exercise_computes":"Die Übung hat die Zahlen, die forward() berechnet.","stale.exercise_keeps":"Die Übung hat die Zahlen, wie sie berechnet wurden.","stale.step":"Das backward() dieses Schritts kam ohne neuen Vorwärtsdurchlauf.","judge.twice":"backward() lief {times}-mal, und die Gradienten wurden dazwischen nicht auf 0 gesetzt: zuerst zero_grad() aufrufen","judge.order":"die Knoten werden nicht in topologischer Ordnung besucht: jeder muss warten, bis alle, die ihn benutzen, ihren Anteil geschickt haben","judge.recursion":"backward() besucht einen Knoten für jeden Pfad noch einmal und schickt weiter, was schon geschickt war: jeden Knoten nur einmal besuchen","judge.overwrite":"= statt +=: {name} wird {times}-mal benutzt, enthält aber nur einen Anteil; self.grad += … schreiben","judge.leftover":"die Blätter enthalten mehr, als dieses backward() ergibt: Gradienten eines früheren; vor jedem auf 0 setzen","judge.rule":"das _backward von {op} hat eine falsche lokale Ableitung","judge.silent":"das _backward von {op} gibt keinen Gradienten weiter","judge.start":"der Gradient der Wurzel muss mit 1 beginnen: self.grad = 1 am Anfang von backward()","judge.since_other":"nicht beurteilt, da der von {node} es auch nicht ist","judge.since_unknown":"nicht beurteilt, da die Ableitung von {node} nicht bekannt ist: {why}","judge.kink":"die Ableitung springt bei diesen Zahlen, mehr als eine ist also richtig","judge.call_first":"Noch kein Gradient von {name} ist gesetzt: zuerst backward() aufrufen, dann noch einmal abspielen.","judge.in_a_set":"{name} hält Operanden in einem set, das weder ihre Reihenfolge kennt noch, ob einer zweimal benutzt wurde. Beides wird hier aus den Werten erschlossen; wo sie mehr als eine Deutung zulassen, wird nicht geurteilt.","judge.off":"{given}, nicht {right}","judge.because":"{what}: {why}","judge.root_is_1":"die Ableitung einer Zahl nach sich selbst ist 1","judge.not_the_sum":"er ist nicht die Summe seiner Anteile","judge.follows":"er folgt aus dem Gradienten von {node}, der falsch ist","judge.nothing_arrived":"von {node} kam kein Gradient an","judge.was_before":"vorher war schon etwas darin","judge.nothing_due":"es hätte nichts ankommen sollen","judge.local":"die lokale Ableitung von {op} ist hier {slope}, benutzt wurde aber {came}","judge.one_share":"nur einer seiner {n} Anteile kam an","judge.share_missing":"der Anteil über {node} fehlt","trouble.in_a_set":"sein Operand ist in einem set, das nicht sagt, ob er zweimal benutzt wurde","trouble.changed":"Blätter dieses Graphen wurden nach dem Vorwärtsdurchlauf geändert, und der Wert sagt nicht, ob auch dieses","trouble.no_name":"er hat Operanden, aber seine Operation hat keinen Namen","trouble.no_order":"seine Operanden sind in einem set ohne Reihenfolge: {operation} ergibt in beiden {value}","trouble.unknown":"die Operation {operation} ist hier für solche Operanden nicht bekannt","trouble.mismatch":"sein Wert {value} ist nicht, was {operation} aus seinen Operanden ergibt, {tried}: ein Blatt wurde nach dem Vorwärtsdurchlauf geändert, oder der Name der Operation ist falsch","trouble.number_lost":"er hat einen Operanden, und die Zahl, die {operation} dazu nahm, ist nicht erhalten","page.no_script":"Diese Seite geht Schritt für Schritt durch Backpropagation und braucht dafür JavaScript. Das ist ihr Graph:"},es:{"app.cannot_start":"El reproductor no puede iniciarse: {error}","app.python_says":"Python dice: {message}","app.graph":"Grafo","app.in_the_graph":"En el grafo","app.help":"Ayuda: todas las teclas","app.keys":"Teclas (?)","app.panels":"Paneles","theme.auto":"Tema: auto","theme.light":"Tema: claro","theme.dark":"Tema: oscuro","panel.step":"Paso","panel.node":"Nodo","panel.leaves":"Hojas","panel.paths":"Rutas","panel.bugs":"Errores","panel.table":"Tabla","panel.time":"Tiempo","panel.quiz":"Tarea","panel.judged":"Examen","address.bad":"La dirección pide {name}={value}: use {wanted}.","address.step":"start, end o un número entero de 0 a {total}","address.height":"un número entero de píxeles de {low} a {high}","address.flag":"1 o 0","list.or":"{most} o {last}","bar.begin":"Pulse n o → para calcular el primer nodo, Espacio para reproducirlos todos.","bar.stepping":"Paso a paso","bar.first":"Al principio (Inicio)","bar.back":"Un paso atrás (←)","bar.play":"Reproducir (Espacio)","bar.pause":"Pausa (Espacio)","bar.next":"Un paso adelante (→)","bar.last":"Al final (Fin)","bar.step":"Paso","bar.speed":"velocidad","bar.rate":"{n} /s","bar.jump":"Ir al nodo…","bar.jump_to":"Ir a {name}","bar.bound":"límite","bar.bound_label":"límite de |gradiente|","bar.over":"|gradiente| mayor que","bar.nonfinite":"gradiente NaN o infinito","bar.second":"segunda contribución a un nodo","bar.stop_where":"Parar si","bar.run":"Hasta el punto de parada","bar.run_key":"Avanzar hasta el punto de parada (b)","bar.breakpoints":"Puntos de parada","break.none":"ningún punto de parada en el camino: este es el final","break.nan":"parada en {node} tras el paso {t}: su gradiente es NaN","break.infinite":"parada en {node} tras el paso {t}: su gradiente es infinito","break.bound":"parada en {node} tras el paso {t}: su gradiente es mayor que {bound}","break.second":"parada en {node} tras el paso {t}: recibe su segunda contribución","bugs.intro":"Cada interruptor comete un error clásico de quien programa la retropropagación. El dibujo muestra qué resulta de él.","bugs.not_here":"Aquí no: {why}.","bugs.wrong":"mal","bugs.right":"bien","bugs.nothing":"Con estos números, por casualidad no cambia nada. Eso es lo que lo hace difícil de encontrar.","bugs.first":"primer nodo incorrecto","bugs.its_gradient":"su gradiente","bugs.right_would_be":"lo correcto sería","bugs.its_value":"su valor","bugs.instead_of":"{value} en lugar de {right}","bugs.made_at":"cometido en","bugs.wrong_gradients":"gradientes incorrectos","bugs.count":"{count} de {all}","bug.overwrite.title":"= en lugar de +=","bug.overwrite.text":"Un nodo que se usa dos veces recibe dos partes del gradiente. Con =, la segunda reemplaza a la primera.","bug.overwrite.why":"aquí ningún nodo se usa dos veces","bug.order.title":"orden incorrecto","bug.order.text":"El recorrido en anchura desde la raíz no es un orden topológico: un nodo transmite su gradiente antes de tenerlo completo.","bug.order.why":"en este grafo, el recorrido en anchura resulta ser un orden correcto","bug.stale.title":"gradientes internos viejos","bug.stale.text":"backward() dos veces: las hojas pueden acumular, los nodos internos deben empezar en 0; si no, los gradientes de la primera llamada se transmiten otra vez.","bug.stale.why":"el grafo no tiene nodos internos: sus gradientes vienen directamente de la raíz","bug.zero_grad.title":"zero_grad olvidado","bug.zero_grad.text":"El siguiente paso de entrenamiento suma sus gradientes a los del anterior: sin zero_grad(), los de las hojas son la suma de ambos.","bug.zero_grad.why":"el grafo no tiene ninguna hoja que se pueda entrenar","bug.detached.title":"valor desconectado","bug.detached.text":"El valor se sacó del grafo por el camino (x.data, float(x)): desde ahí es una constante, y nada fluye hacia atrás.","bug.detached.why":"el grafo no tiene ningún nodo interno con una hoja debajo","bug.dead_relu.title":"ReLU muerta","bug.dead_relu.text":"Cuando el argumento de una relu es negativo, su derivada es 0: nada por debajo aprende, haga lo que haga el resto.","bug.dead_relu.why":"el grafo no tiene ninguna relu viva","bug.saturated_tanh.title":"tanh saturada","bug.saturated_tanh.text":"Lejos de 0, tanh es plana: 1 − tanh² es casi 0, y también todos los gradientes por debajo.","bug.saturated_tanh.why":"el grafo no tiene ninguna tanh","chart.spoken":"{title}: de {first} a {last}, entre {low} y {high}","export.menu":"Exportar","export.svg":"Dibujo como SVG","export.png":"Dibujo como PNG","export.tex":"Regla de la cadena en LaTeX","export.impossible":"aquí no es posible: {error}","export.cannot_draw":"el navegador no puede dibujar esta imagen","export.too_large":"la imagen es demasiado grande","export.file":"{stem}-paso-{step}","export.graph":"grafo","find.label":"Buscar un nodo por nombre, operación o línea de código","find.placeholder":"Buscar ( / )","find.found":"Nodos encontrados","find.more":"{shown} mostrados, {more} más","find.nothing":"nada encontrado","count.node.one":"{count} nodo","count.node.other":"{count} nodos","count.edge.one":"{count} arista","count.edge.other":"{count} aristas","count.leaf.one":"hoja","count.leaf.other":"hojas","count.constant.one":"constante","count.constant.other":"constantes","node.leaf":"hoja","node.constant":"constante","outline.depth":"profundidad {depths}{place}","slip.right":"correcto","slip.shown":"primero se miró la solución detallada","slip.no_number_yet":"todavía ningún número","slip.not_a_number":"{text} no es un número","slip.empty":"eso no es un número","slip.rounding":"casi, pero redondeado en exceso: dé tres cifras significativas","slip.sign_rough":"el signo está invertido, y el redondeo es excesivo","slip.other":"no es este número: escriba, para cada uso, el gradiente que llega por la derivada local","slip.sign":"el signo está invertido","slip.twice":"el doble: cada parte cuenta una vez, y los gradientes empiezan en 0","slip.value":"ese es el valor de {node}, no su gradiente","slip.one":"solo una de {n} contribuciones: la que pasa por {through}. {node} se usa {n} veces: súmelas","slip.one_line":"solo una de {n} contribuciones: la que pasa por {through}; {node} se usa {n} veces: súmelas","slip.missing":"falta la contribución que pasa por {through}","slip.product":"las contribuciones se suman, no se multiplican","slip.local_several":"solo derivadas locales: multiplique cada una por el gradiente que viene de arriba","slip.local_factor":"ese es el otro factor del producto, la derivada local sin el gradiente de arriba: multiplique por {upstream}","slip.local":"esa es solo la derivada local {local}: multiplique por {upstream}","slip.upstream_several":"los gradientes de arriba se transmiten tal cual: multiplique cada uno por su derivada local","slip.upstream_product":"el gradiente de arriba sin la derivada local: en un producto es el otro factor, {local}","slip.upstream_minus":"el menos cambia el signo: {local} = −1","slip.upstream_operation":"falta la derivada de {operation}: multiplique {upstream} por {local}","slip.upstream":"falta la derivada local: multiplique {upstream} por {local}","slip.factor":"multiplicado por el propio {node}: la derivada de un producto es el otro factor","slip.summand":"una suma transmite el gradiente tal cual: no importa qué se suma","slip.derivative":"multiplicado por el propio {node}, no por la derivada de {operation} en ese punto","slip.tanh_square":"la derivada de tanh es 1 − tanh²: falta el cuadrado","slip.tanh_result":"la derivada de tanh es 1 − tanh², de su resultado, no de su operando","slip.power_factor":"el exponente baja como factor: n · xⁿ⁻¹","slip.power_less":"el exponente disminuye en uno: n · xⁿ⁻¹","hint.root":"¿Cómo cambia la raíz cuando cambia la raíz?","hint.no_path":"¿Hay alguna ruta de aquí a la raíz?","hint.used_once":"{node} se usa una vez, en {users}: una sola parte.","hint.used":"{node} se usa {n} veces, en {users}: otras tantas partes, sumadas.","solution.no_path":"{gradient} = 0: ninguna ruta lleva a la raíz","solution.no_path_to":"{gradient} = 0: ninguna ruta lleva de {node} a {root}","solution.values":"valores:","solution.gradients":"gradientes:","share.of":"parte de {gradient}","share.sum.one":"suma de {n} parte","share.sum.other":"suma de {n} partes","share.more":"… ({n} más)","score.right":"{right} de {all} correctos","score.shown":"{n} mostrados","score.to_go":"quedan {n}","score.done":"listo","help.title":"Teclas","help.everywhere":"En todas partes menos en un campo","help.leaves":"El grafo sigue cada número: las hojas se mueven en el panel Hojas, con el deslizador, un número o un pequeño empujón.","help.close":"Cerrar","keys.next":"un paso adelante","keys.back":"un paso atrás","keys.toggle":"reproducir, pausar","keys.first":"al principio: nada calculado","keys.last":"al final: todos los gradientes conocidos","keys.break":"avanzar hasta el siguiente punto de parada","keys.jump":"ir al paso hacia atrás del nodo seleccionado","keys.find":"buscar un nodo por nombre, operación o línea de código","keys.table":"la tabla","keys.leaves":"las hojas","keys.fit":"ver el grafo entero","keys.zoomIn":"acercar","keys.zoomOut":"alejar","keys.tab":"abrir un panel","keys.escape":"salir de un campo, cerrar lo abierto o, si no, quitar la selección","keys.help":"esta lista","keys.edges":"por las aristas: hacia los operandos, hacia los usos","keys.beside":"a las cajas de al lado","keys.select":"seleccionar un nodo, abrir un grupo","keys.close_group":"cerrar el grupo que lo rodea","keys.move":"mover","keys.zoom":"zoom; tras un clic en el grafo basta la rueda","shown.next":"→ o n","shown.back":"← o p","shown.toggle":"Espacio","shown.first":"Inicio o 0","shown.last":"Fin o e","shown.escape":"Esc","shown.enter":"Intro","shown.backspace":"Retroceso","shown.drag":"arrastrar","shown.wheel":"Ctrl + rueda, pellizcar","judged.no_gradients":"{name}: todavía sin gradientes","judged.result":"{name}: {right} de {all} gradientes correctos","judged.moved":"Aquí se movieron hojas: esto se refiere a los números que tenían en Python.","judged.what":"Lo que probablemente falló","judged.wrong":"Incorrectos ({n})","judged.open":"Sin juzgar ({n})","judged.reason":": {reason}","list.more":"… y {n} más","leaves.caption":"Hojas: las variables que se pueden mover","leaves.filter":"filtrar","leaves.h":"h","leaves.rate":"tasa","leaves.all":"todas","leaves.reset":"Restablecer todo","leaves.descent":"Descenso de gradiente (−)","leaves.ascent":"Ascenso (+)","leaves.descent_title":"cada hoja elegida − tasa · gradiente","leaves.ascent_title":"cada hoja elegida + tasa · gradiente","leaves.choose":"Elija primero hojas: marque las casillas delante de sus nombres.","leaves.descended.one":"{n} hoja − {rate} · gradiente: {root} de {before} a {after} ({way})","leaves.descended.other":"{n} hojas − {rate} · gradiente: {root} de {before} a {after} ({way})","leaves.ascended.one":"{n} hoja + {rate} · gradiente: {root} de {before} a {after} ({way})","leaves.ascended.other":"{n} hojas + {rate} · gradiente: {root} de {before} a {after} ({way})","leaves.down":"baja","leaves.up":"sube","leaves.same":"igual","leaves.bad_h":"h debe ser un número distinto de 0.","leaves.some":"{most} de {count} hojas: filtre por nombre para ver otras","leaves.no_such":"Ninguna hoja tiene ese nombre.","leaves.none":"Este grafo no tiene ninguna hoja que se pueda mover.","leaves.of_group":"{name} de {group}","leaves.slider":"{name}, deslizador","leaves.value":"{name}, valor","leaves.in_descent":"{name}, en el descenso de gradiente","leaves.plus_h":"+ h","leaves.nudge_label":"mover {name} en h","leaves.nudge_own":"{name} + {h}: en el camino hay una operación propia, que aquí no se recalcula","leaves.nudge_hidden":"{name} + {h}: cambio previsto de {root} = {gradient} · h = ? · {h} = ?, real {actual}","leaves.nudge":"{name} + {h}: cambio previsto de {root} = {gradient} · h = {slope} · {h} = {guess}, real {actual}; difieren en {missed}","term.leaf":"hoja","term.node":"nodo","term.name":"nombre","term.value":"valor","term.gradient":"gradiente","term.nudge":"empujón","term.operation":"operación","term.operand":"operando","term.operands":"operandos","term.local":"derivada local","term.locals":"derivadas locales","term.difference":"diferencia","node.when_found":"se muestra cuando se encuentra el gradiente","node.when_through":"se muestra cuando termina la retropropagación","node.agrees":"✓ coincide con la diferencia central {difference}","node.disagrees":"✗ la diferencia central es {difference}","node.cannot_tell":"no se puede decidir: la diferencia central es {difference} (un punto anguloso, un número no finito o uno que aquí no se recalcula)","node.other":"⚠ {gradient}: no es la derivada. backward() se llamó más de una vez, o una regla es incorrecta","node.nothing":"No hay nada seleccionado. Pulse un nodo, o búsquelo por su nombre (/).","node.stale":"desactualizado","node.none":"ninguno: una constante","node.in_python":"en Python","node.in_class":"en {name}","node.right":"gradiente correcto","node.check":"control","node.recomputed":"se recalcula aquí","node.frozen":"no: una operación propia, su valor se queda como estaba","node.group":"grupo","node.source":"origen","node.to_forward":"Ir a su paso hacia delante","node.to_backward":"Ir a su paso hacia atrás","node.move":"Moverla","node.paths":"Sus rutas","node.unknown":"desconocido en este paso","node.operands":"Operandos ({n})","node.is_root":"Esta es la raíz: nada la usa.","node.unused":"Nada lo usa.","node.used_by":"Lo usan ({n})","node.gradient":"Gradiente","node.not_yet":"{left} = {product}: todavía no","node.its_gradient":"Su gradiente","node.its_sum":"Su gradiente: la suma de {n} partes","node.no_gradient":"No llega ningún gradiente: ninguna ruta lleva de aquí a la raíz.","paths.about":"unos {mantissa} · 10^{exponent}","paths.click":"Pulse una hoja: aquí aparecen todas las rutas de ella a la raíz.","paths.title":"De {from} a {to}","paths.constant":"Una constante no tiene gradiente y, por tanto, ninguna ruta que cuente.","paths.exercise":"Este gradiente es parte del ejercicio: encuéntrelo primero y vuelva después.","paths.counted":"{count} rutas: contadas, no listadas. La retropropagación las suma todas sin recorrer cada una.","paths.none":"Ninguna ruta que transmita un gradiente lleva de aquí a la raíz: el gradiente es 0.","paths.each.one":"{count} ruta con su producto de derivadas locales; es el gradiente.","paths.each.other":"{count} rutas, cada una con su producto de derivadas locales; su suma es el gradiente.","paths.more":"… {n} más …","quiz.moved":"Se movió una hoja. Las respuestas son las de los números originales del ejercicio. ","quiz.put_back":"Restablecerlos","quiz.worked":"Solución detallada","quiz.later":"La solución detallada se abre cuando cada gradiente tiene una respuesta.","quiz.again":"Empezar de nuevo","quiz.erase":"¿Borrar todas las respuestas?","quiz.answers":"Respuestas","quiz.check":"Comprobar","quiz.sealed":"Esta página no comprueba las respuestas. Entréguelas para que se califiquen.","quiz.line_label":"Mis respuestas como una línea de texto","quiz.title":"Encuentre los gradientes","quiz.task":"Calcúlelos desde la raíz hacia atrás: el gradiente que llega por la derivada local, sumado sobre todos los usos. Bastan tres cifras significativas.","quiz.task_of_seed":"Calcúlelos desde la raíz hacia atrás: el gradiente que llega por la derivada local, sumado sobre todos los usos. Bastan tres cifras significativas. (Números de la semilla {seed}.)","quiz.copy":"Copiar mis respuestas","quiz.save":"Guardar","quiz.gradient_of":"gradiente de {name}","quiz.hint":"Pista","quiz.hint_for":"Pista para {name}","quiz.copied":"Copiado. Pegue esta línea donde se la pidan en clase.","quiz.no_clipboard":"Esta página no puede usar el portapapeles. La línea está seleccionada: cópiela con Ctrl+C o ⌘C.","quiz.saved":"Guardado como {name}.","quiz.file":"respuestas {name}","quiz.answered":"{n} de {all} respondidos","verdict.right":"✓ correcto","step.latex":"Regla de la cadena en LaTeX","step.copy":"Copiar LaTeX","step.copied":"copiado","step.select":"seleccione el texto y cópielo","step.mistake":"Hay un error activado en el panel Errores; así es el paso correcto.","step.start":"Las hojas tienen sus valores. Avance (→) para calcular los nodos uno a uno y, después, enviar los gradientes hacia atrás.","step.locals":"Derivadas locales","step.more_operands":"… y {n} operandos más","step.constant":"constante: sin gradiente","step.operands":"Operandos de este paso","step.seed":"La retropropagación empieza aquí: la raíz derivada respecto de sí misma es 1. Todo otro gradiente es 0 hasta que llega una parte.","step.passes":"{node} tiene {gradient} y lo transmite:","step.is_constant":"{node} es una constante: no recibe gradiente.","step.not_chosen":"{node} no fue elegido: no recibe nada.","step.shares_so_far":"Partes de {gradient}: {n} de {all} hasta ahora","step.shares_all":"Partes de {gradient}: todas, {all}","phase.forward":"hacia delante","phase.backward":"hacia atrás","where.start":"paso 0 de {total} · todavía nada calculado","where.seed":"paso {t} de {total} · hacia atrás · inicio en {node}","where.step":"paso {t} de {total} · {phase} · {sign} → {node}","spoken.start":"paso 0 de {total}, todavía nada calculado","spoken.seed":"paso {t} de {total}, hacia atrás, inicio en {node}: su gradiente es 1","spoken.forward":"paso {t} de {total}, hacia delante, {sign} da {node}: valor {value}","spoken.backward":"paso {t} de {total}, hacia atrás, {sign} da {node}","spoken.gradient":"gradiente de {node} {gradient}","spoken.hidden":"gradiente de {node} por encontrar","table.label":"Tabla de nodos","table.earlier":"Filas anteriores","table.later":"Filas siguientes","table.rows":"filas {from}–{to} de {all}","table.in_all":"… {n} en total","table.caption":"{n} nodos tras el paso {t} de {total}; los operandos van antes de lo que se hace con ellos","time.recorded":"Paso registrado","time.nothing":"nada","time.all":"todos los nodos","time.earlier":"Paso registrado anterior","time.later":"Paso registrado siguiente","time.compare":"comparar con","time.step":"paso de entrenamiento {step}","time.kept":"{step}, {k} de {all} guardados","time.value_over":"{node}: valor a lo largo de los pasos","time.gradient_over":"{node}: gradiente a lo largo de los pasos","time.value_of":"valor de {node}","time.always_1":"El gradiente de {node} es siempre 1. Seleccione un nodo para ver el suyo.","time.choose":"Elija un segundo paso para ver ambos lado a lado.","time.two":"Dos pasos registrados lado a lado","time.beside":"{a} junto a {b}","time.beside_last":"{a} junto a {b}; los últimos {n} nodos","box.not_computed":"{node}: todavía no calculado","box.operation":"operación {sign} de {operands}","box.to_be_found":"gradiente: por encontrar","box.gradient":"gradiente {gradient}","box.no_gradient":"todavía sin gradiente","box.made_at":"creado en {source}","box.agrees.yes":"el gradiente coincide con la diferencia central","box.agrees.no":"el gradiente no coincide con la diferencia central","box.agrees.unknown":"no se puede decidir si coincide con la diferencia central","box.not_finite":"contiene gradientes o valores no finitos","box.open":"abrir con un clic o Intro","box.close":"cerrar con un clic o Intro","box.grad":"grad","marks.wrong":"primer error: lo correcto es {right}","marks.legend":"grad {low}","sight.wheel":"Ctrl + rueda hace zoom. Tras un clic basta la rueda.","sight.wheel_mac":"⌘ + rueda hace zoom. Tras un clic basta la rueda.","sight.left":"← más","sight.right":"más →","sight.up":"↑ más","sight.down":"↓ más","sight.left_label":"Mostrar más a la izquierda","sight.right_label":"Mostrar más a la derecha","sight.up_label":"Mostrar más arriba","sight.down_label":"Mostrar más abajo","graph.label":"Grafo; las flechas siguen las aristas","graph.turn":"De izquierda a derecha, o de arriba abajo","graph.open":"Abrir todo","graph.open_label":"Abrir todos los grupos","graph.close":"Cerrar todo","graph.close_label":"Cerrar todos los grupos","graph.zoom_out":"Alejar","graph.zoom_in":"Acercar","graph.fit":"Ajustar","graph.fit_label":"Ajustar el grafo entero","print.name":"Nombre:","print.date":"Fecha:","document.none":"este no es un documento del reproductor de glassgrad","document.version":"el documento tiene la versión {found}, el reproductor lee la versión {known}: genere la página de nuevo","share.rest":"… {n} más","stale.moved":"{node} se movió tras el paso hacia delante: era {before} y ahora es {now}.","stale.leaf_moved":"Una hoja se movió tras el paso hacia delante: era {before} y ahora es {now}.","stale.changed":"{node} se cambió tras el paso hacia delante: era {before} y ahora es {now}.","stale.several":"{n} nodos se cambiaron tras el paso hacia delante: {list}.","stale.one_of_them":"{node} era {before} y ahora es {now}","stale.and_more":"y {n} más","stale.note_moved":"movido tras el paso hacia delante: era {before} y ahora es {now}","stale.note_changed":"cambiado tras el paso hacia delante: era {before} y ahora es {now}","stale.note_stale":"desactualizado: calculado antes de que cambiaran los nodos de los que depende","stale.mixed":"Una parte de este grafo se calculó antes y otra después.","stale.disowned":"Los gradientes de las hojas movidas se omiten donde otro backward() los ha cambiado.","stale.dashed":"En trazo discontinuo: los números tal como se calcularon. Llame a forward() en {roots} para recalcular.","stale.and_on":"{first} y en {second}","stale.a_leaf":"una hoja","stale.result_of":"el resultado de {operation}","stale.page_computes":"Esta página muestra el grafo tal como forward() lo calcula a partir de las hojas.","stale.exercise_computes":"El ejercicio tiene los números que forward() calcula.","stale.exercise_keeps":"El ejercicio tiene los números tal como se calcularon.","stale.step":"El backward() de este paso llegó sin un nuevo paso hacia delante.","judge.twice":"backward() se ejecutó {times} veces sin poner los gradientes a 0 entretanto: llame antes a zero_grad()","judge.order":"los nodos no se visitan en orden topológico: cada uno debe esperar a que todos los que lo usan hayan enviado su parte","judge.recursion":"backward() visita un nodo otra vez por cada ruta que llega a él y reenvía lo ya enviado: visite cada nodo una vez","judge.overwrite":"= en lugar de +=: {name} se usa {times} veces, pero contiene una sola parte; escriba self.grad += …","judge.leftover":"las hojas contienen más de lo que da este backward(): gradientes de uno anterior; póngalos a 0 antes de cada uno","judge.rule":"el _backward de {op} tiene una derivada local incorrecta","judge.silent":"el _backward de {op} no transmite ningún gradiente","judge.start":"el gradiente de la raíz debe empezar en 1: self.grad = 1 al principio de backward()","judge.since_other":"sin juzgar, porque el de {node} no lo está","judge.since_unknown":"sin juzgar, porque no se conoce la derivada de {node}: {why}","judge.kink":"la derivada salta en estos números, así que más de una es correcta","judge.call_first":"Todavía no hay ningún gradiente de {name}: llame primero a backward() y vuelva a reproducirlo.","judge.in_a_set":"{name} guarda los operandos en un set, que no registra ni su orden ni si uno se usó dos veces. Ambos se deducen aquí de los valores; donde estos permiten más de una lectura, no se juzga nada.","judge.off":"{given}, no {right}","judge.because":"{what}: {why}","judge.root_is_1":"la derivada de un número respecto de sí mismo es 1","judge.not_the_sum":"no es la suma de sus partes","judge.follows":"se sigue del gradiente de {node}, que es incorrecto","judge.nothing_arrived":"no llegó ningún gradiente de {node}","judge.was_before":"ya contenía algo antes","judge.nothing_due":"no debería haber llegado nada","judge.local":"la derivada local de {op} es aquí {slope}, pero se usó {came}","judge.one_share":"solo llegó una de sus {n} partes","judge.share_missing":"falta la parte que pasa por {node}","trouble.in_a_set":"su operando está en un set, que no dice si se usó dos veces","trouble.changed":"se cambiaron hojas de este grafo tras el paso hacia delante, y su valor no dice si esta también","trouble.no_name":"tiene operandos, pero su operación no tiene nombre","trouble.no_order":"sus operandos están en un set, que no tiene orden: {operation} da {value} en ambos sentidos","trouble.unknown":"la operación {operation} no se conoce aquí para operandos así","trouble.mismatch":"su valor {value} no es lo que {operation} da con sus operandos, {tried}: se cambió una hoja tras el paso hacia delante, o el nombre de la operación es incorrecto","trouble.number_lost":"tiene un operando, y el número que {operation} tomó además no se conserva","page.no_script":"Esta página recorre la retropropagación paso a paso, para lo que necesita JavaScript. Este es su grafo:"},fr:{"app.cannot_start":"Le lecteur ne peut pas démarrer : {error}","app.python_says":"Python signale : {message}","app.graph":"Graphe","app.in_the_graph":"Dans le graphe","app.help":"Aide : toutes les touches","app.keys":"Touches (?)","app.panels":"Panneaux","theme.auto":"Thème : auto","theme.light":"Thème : clair","theme.dark":"Thème : sombre","panel.step":"Étape","panel.node":"Nœud","panel.leaves":"Feuilles","panel.paths":"Chemins","panel.bugs":"Bogues","panel.table":"Table","panel.time":"Temps","panel.quiz":"Exercice","panel.judged":"Verdict","address.bad":"L’adresse demande {name}={value} : utilisez {wanted}.","address.step":"start, end ou un nombre entier de 0 à {total}","address.height":"un nombre entier de pixels de {low} à {high}","address.flag":"1 ou 0","list.or":"{most} ou {last}","bar.begin":"Appuyez sur n ou → pour calculer le premier nœud, sur Espace pour tous les jouer.","bar.stepping":"Pas à pas","bar.first":"Au début (Début)","bar.back":"Une étape en arrière (←)","bar.play":"Lecture (Espace)","bar.pause":"Pause (Espace)","bar.next":"Une étape en avant (→)","bar.last":"À la fin (Fin)","bar.step":"Étape","bar.speed":"vitesse","bar.rate":"{n} /s","bar.jump":"Aller au nœud…","bar.jump_to":"Aller à {name}","bar.bound":"seuil","bar.bound_label":"seuil de |gradient|","bar.over":"|gradient| au-dessus de","bar.nonfinite":"gradient NaN ou infini","bar.second":"deuxième contribution à un nœud","bar.stop_where":"S’arrêter si","bar.run":"Jusqu’au point d’arrêt","bar.run_key":"Exécuter jusqu’au point d’arrêt (b)","bar.breakpoints":"Points d’arrêt","break.none":"aucun point d’arrêt en chemin : c’est la fin","break.nan":"arrêt sur {node} après l’étape {t} : son gradient est NaN","break.infinite":"arrêt sur {node} après l’étape {t} : son gradient est infini","break.bound":"arrêt sur {node} après l’étape {t} : son gradient est plus grand que {bound}","break.second":"arrêt sur {node} après l’étape {t} : il reçoit sa deuxième contribution","bugs.intro":"Chaque interrupteur commet une erreur classique de qui programme la rétropropagation. Le dessin montre ce qui en résulte.","bugs.not_here":"Pas ici : {why}.","bugs.wrong":"faux","bugs.right":"juste","bugs.nothing":"Avec ces nombres, elle ne change rien par hasard. C’est ce qui la rend difficile à trouver.","bugs.first":"premier nœud faux","bugs.its_gradient":"son gradient","bugs.right_would_be":"le bon serait","bugs.its_value":"sa valeur","bugs.instead_of":"{value} au lieu de {right}","bugs.made_at":"commise à","bugs.wrong_gradients":"gradients faux","bugs.count":"{count} sur {all}","bug.overwrite.title":"= au lieu de +=","bug.overwrite.text":"Un nœud utilisé deux fois reçoit deux parts de gradient. Avec =, la seconde remplace la première.","bug.overwrite.why":"aucun nœud n’est utilisé deux fois ici","bug.order.title":"mauvais ordre","bug.order.text":"Le parcours en largeur depuis la racine n’est pas un ordre topologique : un nœud transmet son gradient avant qu’il soit complet.","bug.order.why":"dans ce graphe, le parcours en largeur est par hasard un bon ordre","bug.stale.title":"gradients internes périmés","bug.stale.text":"backward() deux fois : les feuilles peuvent accumuler, les nœuds internes doivent repartir de 0, sinon les gradients du premier appel sont transmis une fois de plus.","bug.stale.why":"le graphe n’a pas de nœud interne : ses gradients viennent directement de la racine","bug.zero_grad.title":"zero_grad oublié","bug.zero_grad.text":"L’étape d’entraînement suivante ajoute ses gradients à ceux de la précédente : sans zero_grad(), ceux des feuilles sont la somme des deux.","bug.zero_grad.why":"le graphe n’a pas de feuille que l’on puisse entraîner","bug.detached.title":"valeur détachée","bug.detached.text":"La valeur a été sortie du graphe en chemin (x.data, float(x)) : à partir de là, c’est une constante, et rien ne reflue.","bug.detached.why":"le graphe n’a pas de nœud interne avec une feuille en dessous","bug.dead_relu.title":"ReLU morte","bug.dead_relu.text":"Quand l’argument d’une relu est négatif, sa dérivée est 0 : rien n’apprend en dessous, quoi que fasse le reste.","bug.dead_relu.why":"le graphe n’a pas de relu vivante","bug.saturated_tanh.title":"tanh saturée","bug.saturated_tanh.text":"Loin de 0, tanh est plate : 1 − tanh² est presque nul, et tous les gradients en dessous aussi.","bug.saturated_tanh.why":"le graphe n’a pas de tanh","chart.spoken":"{title} : de {first} à {last}, entre {low} et {high}","export.menu":"Exporter","export.svg":"Dessin en SVG","export.png":"Dessin en PNG","export.tex":"Règle de la chaîne en LaTeX","export.impossible":"impossible ici : {error}","export.cannot_draw":"le navigateur ne peut pas dessiner cette image","export.too_large":"l’image est trop grande","export.file":"{stem}-etape-{step}","export.graph":"graphe","find.label":"Chercher un nœud par nom, opération ou ligne de code","find.placeholder":"Chercher ( / )","find.found":"Nœuds trouvés","find.more":"{shown} affichés, {more} de plus","find.nothing":"rien trouvé","count.node.one":"{count} nœud","count.node.other":"{count} nœuds","count.edge.one":"{count} arête","count.edge.other":"{count} arêtes","count.leaf.one":"feuille","count.leaf.other":"feuilles","count.constant.one":"constante","count.constant.other":"constantes","node.leaf":"feuille","node.constant":"constante","outline.depth":"profondeur {depths}{place}","slip.right":"juste","slip.shown":"la solution détaillée a été consultée d’abord","slip.no_number_yet":"pas encore de nombre","slip.not_a_number":"{text} n’est pas un nombre","slip.empty":"ce n’est pas un nombre","slip.rounding":"presque, mais arrondi trop grossièrement : donnez trois chiffres significatifs","slip.sign_rough":"le signe est inversé, et l’arrondi est trop grossier","slip.other":"pas ce nombre : écrivez, pour chaque utilisation, le gradient reçu multiplié par la dérivée locale","slip.sign":"le signe est inversé","slip.twice":"deux fois trop : chaque part compte une fois, et les gradients partent de 0","slip.value":"c’est la valeur de {node}, pas son gradient","slip.one":"une seule des {n} contributions : celle par {through}. {node} est utilisé {n} fois : additionnez-les","slip.one_line":"une seule des {n} contributions : celle par {through} ; {node} est utilisé {n} fois : additionnez-les","slip.missing":"la contribution par {through} manque","slip.product":"les contributions s’additionnent, elles ne se multiplient pas","slip.local_several":"les dérivées locales seules : multipliez chacune par le gradient qui vient d’en haut","slip.local_factor":"c’est l’autre facteur du produit, la dérivée locale sans le gradient d’en haut : multipliez par {upstream}","slip.local":"c’est la dérivée locale {local} seule : multipliez par {upstream}","slip.upstream_several":"les gradients d’en haut sont transmis tels quels : multipliez chacun par sa dérivée locale","slip.upstream_product":"le gradient d’en haut sans la dérivée locale : pour un produit, c’est l’autre facteur, {local}","slip.upstream_minus":"le moins change le signe : {local} = −1","slip.upstream_operation":"la dérivée de {operation} est oubliée : multipliez {upstream} par {local}","slip.upstream":"la dérivée locale est oubliée : multipliez {upstream} par {local}","slip.factor":"multiplié par {node} lui-même : la dérivée d’un produit est l’autre facteur","slip.summand":"une somme transmet le gradient tel quel : peu importe ce qui est ajouté","slip.derivative":"multiplié par {node} lui-même, pas par la dérivée de {operation} en ce point","slip.tanh_square":"la dérivée de tanh est 1 − tanh² : il manque le carré","slip.tanh_result":"la dérivée de tanh est 1 − tanh², de son résultat, pas de son opérande","slip.power_factor":"l’exposant descend comme facteur : n · xⁿ⁻¹","slip.power_less":"l’exposant diminue de un : n · xⁿ⁻¹","hint.root":"Comment change la racine quand la racine change ?","hint.no_path":"Y a-t-il un chemin d’ici à la racine ?","hint.used_once":"{node} est utilisé une fois, dans {users} : une seule part.","hint.used":"{node} est utilisé {n} fois, dans {users} : autant de parts, additionnées.","solution.no_path":"{gradient} = 0 : aucun chemin ne mène à la racine","solution.no_path_to":"{gradient} = 0 : aucun chemin ne mène de {node} à {root}","solution.values":"valeurs :","solution.gradients":"gradients :","share.of":"part de {gradient}","share.sum.one":"somme de {n} part","share.sum.other":"somme de {n} parts","share.more":"… ({n} de plus)","score.right":"{right} sur {all} justes","score.shown":"{n} montrés","score.to_go":"encore {n}","score.done":"terminé","help.title":"Touches","help.everywhere":"Partout, sauf dans un champ","help.leaves":"Le graphe suit chaque nombre : les feuilles se modifient dans le panneau Feuilles, par curseur, par nombre ou par petit pas.","help.close":"Fermer","keys.next":"une étape en avant","keys.back":"une étape en arrière","keys.toggle":"lecture, pause","keys.first":"au début : rien n’est calculé","keys.last":"à la fin : tous les gradients sont connus","keys.break":"exécuter jusqu’au prochain point d’arrêt","keys.jump":"aller à l’étape arrière du nœud sélectionné","keys.find":"chercher un nœud par nom, opération ou ligne de code","keys.table":"la table","keys.leaves":"les feuilles","keys.fit":"tout le graphe en vue","keys.zoomIn":"agrandir","keys.zoomOut":"réduire","keys.tab":"ouvrir un panneau","keys.escape":"quitter un champ, fermer ce qui est ouvert, sinon ne rien sélectionner","keys.help":"cette liste","keys.edges":"le long des arêtes : vers les opérandes, vers les utilisateurs","keys.beside":"vers les cases voisines","keys.select":"sélectionner un nœud, ouvrir un groupe","keys.close_group":"fermer le groupe autour","keys.move":"déplacer","keys.zoom":"zoomer ; après un clic dans le graphe, la molette suffit","shown.next":"→ ou n","shown.back":"← ou p","shown.toggle":"Espace","shown.first":"Début ou 0","shown.last":"Fin ou e","shown.escape":"Échap","shown.enter":"Entrée","shown.backspace":"Retour arrière","shown.drag":"glisser","shown.wheel":"Ctrl + molette, pincer","judged.no_gradients":"{name} : pas encore de gradients","judged.result":"{name} : {right} gradients justes sur {all}","judged.moved":"Des feuilles ont été modifiées ici : ceci porte sur les nombres qu’elles avaient en Python.","judged.what":"L’erreur probable","judged.wrong":"Faux ({n})","judged.open":"Non jugés ({n})","judged.reason":" : {reason}","list.more":"… et {n} de plus","leaves.caption":"Feuilles : les variables que l’on peut modifier","leaves.filter":"filtrer","leaves.h":"h","leaves.rate":"taux","leaves.all":"toutes","leaves.reset":"Tout rétablir","leaves.descent":"Descente de gradient (−)","leaves.ascent":"Montée (+)","leaves.descent_title":"chaque feuille choisie − taux · gradient","leaves.ascent_title":"chaque feuille choisie + taux · gradient","leaves.choose":"Choisissez d’abord des feuilles : cochez les cases devant leurs noms.","leaves.descended.one":"{n} feuille − {rate} · gradient : {root} de {before} à {after} ({way})","leaves.descended.other":"{n} feuilles − {rate} · gradient : {root} de {before} à {after} ({way})","leaves.ascended.one":"{n} feuille + {rate} · gradient : {root} de {before} à {after} ({way})","leaves.ascended.other":"{n} feuilles + {rate} · gradient : {root} de {before} à {after} ({way})","leaves.down":"en baisse","leaves.up":"en hausse","leaves.same":"inchangé","leaves.bad_h":"h doit être un nombre différent de 0.","leaves.some":"{most} feuilles sur {count} : filtrez par nom pour voir les autres","leaves.no_such":"Aucune feuille ne porte ce nom.","leaves.none":"Ce graphe n’a pas de feuille que l’on puisse modifier.","leaves.of_group":"{name} de {group}","leaves.slider":"{name}, curseur","leaves.value":"{name}, valeur","leaves.in_descent":"{name}, dans la descente de gradient","leaves.plus_h":"+ h","leaves.nudge_label":"décaler {name} de h","leaves.nudge_own":"{name} + {h} : une opération personnelle est en chemin, elle n’est pas recalculée ici","leaves.nudge_hidden":"{name} + {h} : changement prévu de {root} = {gradient} · h = ? · {h} = ?, réel {actual}","leaves.nudge":"{name} + {h} : changement prévu de {root} = {gradient} · h = {slope} · {h} = {guess}, réel {actual} ; écart {missed}","term.leaf":"feuille","term.node":"nœud","term.name":"nom","term.value":"valeur","term.gradient":"gradient","term.nudge":"petit pas","term.operation":"opération","term.operand":"opérande","term.operands":"opérandes","term.local":"dérivée locale","term.locals":"dérivées locales","term.difference":"différence","node.when_found":"affiché quand le gradient est trouvé","node.when_through":"affiché quand la rétropropagation est terminée","node.agrees":"✓ concorde avec la différence centrée {difference}","node.disagrees":"✗ la différence centrée est {difference}","node.cannot_tell":"indécidable : la différence centrée est {difference} (un point anguleux, un nombre qui n’est pas fini, ou un nombre qui n’est pas recalculé ici)","node.other":"⚠ {gradient} : ce n’est pas la dérivée. backward() a été appelé plus d’une fois, ou une règle est fausse","node.nothing":"Rien n’est sélectionné. Cliquez sur un nœud, ou cherchez-en un par son nom (/).","node.stale":"périmé","node.none":"aucun : une constante","node.in_python":"dans Python","node.in_class":"dans {name}","node.right":"bon gradient","node.check":"contrôle","node.recomputed":"recalculé ici","node.frozen":"non : une opération personnelle, sa valeur reste telle quelle","node.group":"groupe","node.source":"source","node.to_forward":"À son étape avant","node.to_backward":"À son étape arrière","node.move":"La modifier","node.paths":"Ses chemins","node.unknown":"inconnu à cette étape","node.operands":"Opérandes ({n})","node.is_root":"C’est la racine : rien ne l’utilise.","node.unused":"Rien ne l’utilise.","node.used_by":"Utilisé par ({n})","node.gradient":"Gradient","node.not_yet":"{left} = {product} : pas encore","node.its_gradient":"Son gradient","node.its_sum":"Son gradient : la somme de {n} parts","node.no_gradient":"Aucun gradient n’arrive : aucun chemin ne mène d’ici à la racine.","paths.about":"environ {mantissa} · 10^{exponent}","paths.click":"Cliquez sur une feuille : tous ses chemins vers la racine apparaissent ici.","paths.title":"De {from} à {to}","paths.constant":"Une constante n’a pas de gradient, donc aucun chemin qui compte.","paths.exercise":"Ce gradient fait partie de l’exercice : trouvez-le d’abord, puis revenez.","paths.counted":"{count} chemins : comptés, pas listés. La rétropropagation les additionne tous sans parcourir chacun.","paths.none":"Aucun chemin qui transmet un gradient ne mène d’ici à la racine : le gradient est 0.","paths.each.one":"{count} chemin avec son produit de dérivées locales ; c’est le gradient.","paths.each.other":"{count} chemins, chacun avec son produit de dérivées locales ; leur somme est le gradient.","paths.more":"… {n} de plus …","quiz.moved":"Une feuille a été modifiée. Les réponses sont celles des nombres d’origine de l’exercice. ","quiz.put_back":"Les rétablir","quiz.worked":"Solution détaillée","quiz.later":"La solution détaillée s’ouvre quand chaque gradient a une réponse.","quiz.again":"Recommencer","quiz.erase":"Effacer toutes les réponses ?","quiz.answers":"Réponses","quiz.check":"Vérifier","quiz.sealed":"Cette page ne vérifie pas les réponses. Rendez-les pour les faire corriger.","quiz.line_label":"Mes réponses en une ligne de texte","quiz.title":"Trouver les gradients","quiz.task":"Calculez-les en remontant depuis la racine : gradient reçu fois dérivée locale, sommés sur toutes les utilisations. Trois chiffres significatifs suffisent.","quiz.task_of_seed":"Calculez-les en remontant depuis la racine : gradient reçu fois dérivée locale, sommés sur toutes les utilisations. Trois chiffres significatifs suffisent. (Nombres de la graine {seed}.)","quiz.copy":"Copier mes réponses","quiz.save":"Enregistrer","quiz.gradient_of":"gradient de {name}","quiz.hint":"Indice","quiz.hint_for":"Indice pour {name}","quiz.copied":"Copié. Collez cette ligne là où l’enseignant la demande.","quiz.no_clipboard":"Cette page ne peut pas utiliser le presse-papiers. La ligne est sélectionnée : copiez-la avec Ctrl+C ou ⌘C.","quiz.saved":"Enregistré sous {name}.","quiz.file":"reponses {name}","quiz.answered":"{n} réponses sur {all}","verdict.right":"✓ juste","step.latex":"Règle de la chaîne en LaTeX","step.copy":"Copier le LaTeX","step.copied":"copié","step.select":"sélectionnez le texte et copiez-le","step.mistake":"Une erreur est activée dans le panneau Bogues ; voici l’étape correcte.","step.start":"Les feuilles ont leurs valeurs. Avancez (→) pour calculer les nœuds un par un, puis pour renvoyer les gradients.","step.locals":"Dérivées locales","step.more_operands":"… et {n} opérandes de plus","step.constant":"constante : pas de gradient","step.operands":"Opérandes de cette étape","step.seed":"La rétropropagation commence ici : la racine dérivée par elle-même donne 1. Tout autre gradient est 0 jusqu’à ce qu’une part arrive.","step.passes":"{node} a {gradient} et le transmet :","step.is_constant":"{node} est une constante : elle ne reçoit pas de gradient.","step.not_chosen":"{node} n’a pas été choisi : il ne reçoit rien.","step.shares_so_far":"Parts de {gradient} : {n} sur {all} jusqu’ici","step.shares_all":"Parts de {gradient} : toutes les {all}","phase.forward":"avant","phase.backward":"arrière","where.start":"étape 0 sur {total} · rien n’est encore calculé","where.seed":"étape {t} sur {total} · arrière · départ de {node}","where.step":"étape {t} sur {total} · {phase} · {sign} → {node}","spoken.start":"étape 0 sur {total}, rien n’est encore calculé","spoken.seed":"étape {t} sur {total}, arrière, départ de {node} : son gradient est 1","spoken.forward":"étape {t} sur {total}, avant, {sign} donne {node} : valeur {value}","spoken.backward":"étape {t} sur {total}, arrière, {sign} donne {node}","spoken.gradient":"gradient de {node} {gradient}","spoken.hidden":"gradient de {node} à trouver","table.label":"Table des nœuds","table.earlier":"Lignes précédentes","table.later":"Lignes suivantes","table.rows":"lignes {from}–{to} sur {all}","table.in_all":"… {n} en tout","table.caption":"{n} nœuds après l’étape {t} sur {total} ; les opérandes précèdent ce qui en est fait","time.recorded":"Étape enregistrée","time.nothing":"rien","time.all":"tous les nœuds","time.earlier":"Étape enregistrée précédente","time.later":"Étape enregistrée suivante","time.compare":"comparer avec","time.step":"étape d’entraînement {step}","time.kept":"{step}, {k} sur {all} gardées","time.value_over":"{node} : valeur au fil des étapes","time.gradient_over":"{node} : gradient au fil des étapes","time.value_of":"valeur de {node}","time.always_1":"Le gradient de {node} est toujours 1. Sélectionnez un nœud pour voir le sien.","time.choose":"Choisissez une deuxième étape pour voir les deux côte à côte.","time.two":"Deux étapes enregistrées côte à côte","time.beside":"{a} à côté de {b}","time.beside_last":"{a} à côté de {b} ; les {n} derniers nœuds","box.not_computed":"{node} : pas encore calculé","box.operation":"opération {sign} de {operands}","box.to_be_found":"gradient : à trouver","box.gradient":"gradient {gradient}","box.no_gradient":"pas encore de gradient","box.made_at":"créé à {source}","box.agrees.yes":"le gradient concorde avec la différence centrée","box.agrees.no":"le gradient ne concorde pas avec la différence centrée","box.agrees.unknown":"l’accord avec la différence centrée est indécidable","box.not_finite":"contient des gradients ou des valeurs qui ne sont pas finis","box.open":"ouvrir d’un clic ou avec Entrée","box.close":"fermer d’un clic ou avec Entrée","box.grad":"grad","marks.wrong":"première erreur : le bon est {right}","marks.legend":"grad {low}","sight.wheel":"Ctrl + molette pour zoomer. Après un clic, la molette suffit.","sight.wheel_mac":"⌘ + molette pour zoomer. Après un clic, la molette suffit.","sight.left":"← suite","sight.right":"suite →","sight.up":"↑ suite","sight.down":"↓ suite","sight.left_label":"Montrer la suite à gauche","sight.right_label":"Montrer la suite à droite","sight.up_label":"Montrer la suite au-dessus","sight.down_label":"Montrer la suite en dessous","graph.label":"Graphe ; les flèches suivent les arêtes","graph.turn":"De gauche à droite, ou de haut en bas","graph.open":"Tout ouvrir","graph.open_label":"Ouvrir tous les groupes","graph.close":"Tout fermer","graph.close_label":"Fermer tous les groupes","graph.zoom_out":"Réduire","graph.zoom_in":"Agrandir","graph.fit":"Ajuster","graph.fit_label":"Ajuster tout le graphe","print.name":"Nom :","print.date":"Date :","document.none":"ce n’est pas un document du lecteur de glassgrad","document.version":"le document a la version {found}, le lecteur lit la version {known} : refaites la page","share.rest":"… {n} de plus","stale.moved":"{node} a été modifié après la passe avant : c’était {before}, c’est maintenant {now}.","stale.leaf_moved":"Une feuille a été modifiée après la passe avant : c’était {before}, c’est maintenant {now}.","stale.changed":"{node} a été changé après la passe avant : c’était {before}, c’est maintenant {now}.","stale.several":"{n} nœuds ont été changés après la passe avant : {list}.","stale.one_of_them":"{node} était {before}, et est maintenant {now}","stale.and_more":"et {n} de plus","stale.note_moved":"modifié après la passe avant : c’était {before}, c’est maintenant {now}","stale.note_changed":"changé après la passe avant : c’était {before}, c’est maintenant {now}","stale.note_stale":"périmé : calculé avant que les nœuds dont il dépend soient changés","stale.mixed":"Une partie de ce graphe a été calculée avant, une autre après.","stale.disowned":"Les gradients des feuilles modifiées sont omis là où un autre backward() les a changés.","stale.dashed":"En tirets : les nombres tels qu’ils ont été calculés. Appelez forward() sur {roots} pour recalculer.","stale.and_on":"{first} et sur {second}","stale.a_leaf":"une feuille","stale.result_of":"le résultat de {operation}","stale.page_computes":"Cette page montre le graphe tel que forward() le calcule à partir des feuilles.","stale.exercise_computes":"L’exercice a les nombres que forward() calcule.","stale.exercise_keeps":"L’exercice a les nombres tels qu’ils ont été calculés.","stale.step":"Le backward() de cette étape est venu sans nouvelle passe avant.","judge.twice":"backward() a été exécuté {times} fois sans remettre les gradients à 0 entre-temps : appelez d’abord zero_grad()","judge.order":"les nœuds ne sont pas visités dans l’ordre topologique : chacun doit attendre que tous ceux qui l’utilisent aient envoyé leur part","judge.recursion":"backward() revisite un nœud pour chaque chemin qui y mène et renvoie ce qui l’était déjà : visitez chaque nœud une fois","judge.overwrite":"= au lieu de += : {name} est utilisé {times} fois, mais ne contient qu’une part ; écrivez self.grad += …","judge.leftover":"les feuilles contiennent plus que ce que donne ce backward() : des gradients d’un appel précédent ; remettez-les à 0 avant chaque appel","judge.rule":"le _backward de {op} a une dérivée locale fausse","judge.silent":"le _backward de {op} ne transmet aucun gradient","judge.start":"le gradient de la racine doit partir de 1 : self.grad = 1 au début de backward()","judge.since_other":"non jugé, puisque celui de {node} ne l’est pas","judge.since_unknown":"non jugé, puisque la dérivée de {node} n’est pas connue : {why}","judge.kink":"la dérivée saute à ces nombres, plus d’une est donc juste","judge.call_first":"Aucun gradient de {name} n’est encore calculé : appelez d’abord backward(), puis relancez la lecture.","judge.in_a_set":"{name} garde les opérandes dans un set, qui ne retient ni leur ordre ni si l’un a servi deux fois. Les deux sont déduits ici des valeurs ; là où plusieurs lectures sont possibles, rien n’est jugé.","judge.off":"{given}, pas {right}","judge.because":"{what} : {why}","judge.root_is_1":"la dérivée d’un nombre par rapport à lui-même est 1","judge.not_the_sum":"ce n’est pas la somme de ses parts","judge.follows":"il découle du gradient de {node}, qui est faux","judge.nothing_arrived":"aucun gradient n’est arrivé de {node}","judge.was_before":"il contenait déjà quelque chose","judge.nothing_due":"rien n’aurait dû arriver","judge.local":"la dérivée locale de {op} est ici {slope}, mais {came} a été utilisé","judge.one_share":"une seule de ses {n} parts est arrivée","judge.share_missing":"la part par {node} manque","trouble.in_a_set":"son opérande est dans un set, qui ne dit pas s’il a servi deux fois","trouble.changed":"des feuilles de ce graphe ont été changées après la passe avant, et sa valeur ne dit pas si celle-ci l’a été","trouble.no_name":"il a des opérandes, mais son opération n’a pas de nom","trouble.no_order":"ses opérandes sont dans un set, qui n’a pas d’ordre : {operation} donne {value} dans les deux sens","trouble.unknown":"l’opération {operation} n’est pas connue ici pour de tels opérandes","trouble.mismatch":"sa valeur {value} n’est pas ce que {operation} donne de ses opérandes, {tried} : une feuille a été changée après la passe avant, ou le nom de l’opération est faux","trouble.number_lost":"il a un seul opérande, et le nombre que {operation} a pris en plus n’est pas conservé","page.no_script":"Cette page parcourt la rétropropagation pas à pas, ce qui demande JavaScript. Voici son graphe :"}};var un="en",_t=Object.keys(ln),dn=un,as=new Intl.PluralRules(un);function de(n){n!==dn&&(dn=n,as=new Intl.PluralRules(n))}function is(...n){return n.map(t=>String(t??"").toLowerCase().split(/[-_]/)[0]).find(t=>_t.includes(t))??un}function u(n,e={}){let t=ln[dn];return(t[n]??t[`${n}.${as.select(e.n)}`]??t[`${n}.other`]).replace(/\{(\w+)\}/g,(o,r)=>we(e[r]))}function we(n){return Array.isArray(n)?n.map(we).join("; "):n?.key?u(n.key,n.values):String(n)}var Rr={"*":"×","-":"−",neg:"−","/":"÷"};function y(n,e=4){if(n==null)return"–";if(Number.isNaN(n))return"NaN";if(!Number.isFinite(n))return n>0?"∞":"−∞";if(n===0)return"0";let t=Number(n.toPrecision(e)),s=Math.abs(t);if(s>=1e-4&&s<10**(e+2))return String(t).replace("-","−");let[o,r]=n.toExponential(e-1).split("e");return`${Number(o)}e${Number(r)}`.replaceAll("-","−")}var cn=9;function ve(n){for(let e=4;e>1;e--){let t=y(n,e);if(t.length<=cn)return t}return y(n,1)}function ds(n,e=4){let t=y(n,e);return/^[−–N]/.test(t)?t:`+${t}`}function re(n){return String(n).replace(/\B(?=(\d{3})+$)/g,",")}function us(n){return n<1e4?re(n):n<999500?`${Math.round(n/1e3)}k`:`${Number((n/1e6).toPrecision(3))}M`}function lt(n,e){return u(`count.${e}`,{n,count:re(n)})}function _e(n){return Rr[n]??n}var ls=globalThis.Intl?.Segmenter?new Intl.Segmenter(void 0,{granularity:"grapheme"}):null;function Fr(n){return ls?Array.from(ls.segment(n),e=>e.segment):Array.from(n)}function ae(n,e){if(n.length<=e)return n;let t=Fr(n);return t.length<=e?n:`${t.slice(0,e-1).join("")}…`}var Dr=[318,401,460,838,636,950,780,275,390,390,500,838,318,361,318,337,636,636,636,636,636,636,636,636,636,636,337,337,838,838,838,531,1e3,684,686,698,770,632,575,775,752,295,295,656,557,863,748,787,603,787,695,635,611,732,684,989,685,611,685,390,337,390,838,500,500,613,635,550,635,615,352,635,634,278,278,579,278,974,634,612,635,635,411,521,392,634,592,818,592,592,525,636,337,636,838],Wr=/\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u,Ur=/^[\p{M}\p{Cf}]$/u,Kr=1.12,Vr=720,cs=new Map([["×",838],["−",838],["…",1e3],["·",318],["∂",517],["÷",838],["–",500],["∞",833]]);function ke(n,e,t=!1){let s=0;for(let o of n){let r=o.codePointAt(0);s+=r>=32&&r<127?Dr[r-32]:cs.get(o)??Hr(o)}return s/1e3*e*(t?Kr:1)}function Hr(n){let e=Ur.test(n)?0:Wr.test(n)?1300:Vr;return cs.set(n,e),e}var Zr=4;function zt(n,e){if(!Number.isFinite(n))return"bad";if(n===0)return"zero";let t=e>0?Math.ceil(Zr*Math.sqrt(Math.min(Math.abs(n)/e,1))):1;return`${n>0?"plus":"minus"}${Math.max(t,1)}`}function hs(n,e,t,s){let o=new Int32Array(n+1);for(let i=t;i<e.length;i+=2)o[e[i]+1]++;for(let i=0;i<n;i++)o[i+1]+=o[i];let r=o.slice(),a=new Int32Array(e.length/2);for(let i=0;i<e.length;i+=2)a[r[e[i+t]]++]=e[i+s];return{start:o,ends:a}}function ps(n,e){let{start:t,ends:s}=hs(n,e,0,1),o=new Int32Array(n),r=new Int32Array(n),a=new Uint8Array(n),i=t.slice(),l=[],d=[],c=[],h=0;for(let p=0;p<n;p++)if(!o[p])for(l.push(p);l.length;){let f=l.at(-1);if(o[f]||(o[f]=r[f]=++h,a[f]=1,d.push(f)),i[f]<t[f+1]){let m=s[i[f]++];o[m]?a[m]&&(r[f]=Math.min(r[f],o[m])):l.push(m);continue}if(l.pop(),l.length&&(r[l.at(-1)]=Math.min(r[l.at(-1)],r[f])),r[f]!==o[f])continue;let b=d.at(-1)===f;for(let m=-1;m!==f;)m=d.pop(),a[m]=0,b||c.push(m)}return c}function Mt(n,e){let{start:t,ends:s}=hs(n,e,1,0),o=new Int32Array(n);for(let d=0;d<e.length;d+=2)o[e[d]]++;let r=new Int32Array(n),a=new Int32Array(n),i=0;for(let d=0;d<n;d++)o[d]||(a[i++]=d);let l=0;for(let d=0;d<i;d++){let c=a[d];for(let h=t[c];h<t[c+1];h++){let p=s[h];r[p]<=r[c]&&(r[p]=r[c]+1),--o[p]||(a[i++]=p,l=Math.max(l,r[p]))}}return r.map(d=>l-d)}var Xr=14,Yr=9,Jr=34,Qr=200,ea=.2,ta=12e3,na=1500;function gs(n,e){if(!n.length)return{start:[],middle:[],routes:[],length:0,breadth:0};let t=new hn(n,e);return t.sort(),t.settle(),t.result()}function sa(n,e){let t=new Int32Array(2*e.length);e.forEach(({tail:c,head:h},p)=>{t[2*p]=c,t[2*p+1]=h});let s=Array.from(Mt(n.length,t)),o=1/0,r=-1/0;n.forEach((c,h)=>{c.place!=="first"&&(o=Math.min(o,s[h]),r=Math.max(r,s[h]))}),o===1/0&&(o=r=0);let i=n.some(c=>c.place==="last")&&n.some((c,h)=>c.place===""&&s[h]===r),l=r;i&&(l=r+1,n.forEach((c,h)=>c.place==="last"&&(s[h]=l)));let d=n.some(c=>c.place==="first");return n.forEach((c,h)=>s[h]=c.place==="first"?0:s[h]-o+(d?1:0)),s}var hn=class{constructor(e,t){this.vertices=e,this.edges=t,this.real=e.length,this.rank=sa(e,t),this.count=this.rank.reduce((s,o)=>Math.max(s,o),0)+1,this.room=new Float64Array(this.count),this.breadth=e.map(s=>s.breadth),this._lanes(),this.size=this.rank.length,this._index(),this.position=new Int32Array(this.size),this.centres=new Float64Array(this.size),this.y=new Float64Array(this.size)}_lanes(){let{edges:e,rank:t}=this,s=this.segments={tail:[],head:[],out:[],into:[]},o=(l,d,c,h)=>{s.tail.push(l),s.head.push(d),s.out.push(c),s.into.push(h)},r=e.map(({tail:l,tailPort:d,bundle:c})=>`${l} ${d} ${c}`),a=new Map;e.forEach(({tail:l,head:d},c)=>{a.set(r[c],Math.max(a.get(r[c])??0,t[d]-t[l]))});let i=oa([...a.values()]);this.chains=new Map,this.chainOf=r.map(l=>(this.chains.has(l)||this.chains.set(l,[]),this.chains.get(l))),this.direct=new Uint8Array(e.length),e.forEach((l,d)=>{let c=t[l.tail],h=t[l.head];if(this.room[h]=Math.max(this.room[h],l.room),h-c>i){this.direct[d]=1;return}let p=this.chainOf[d];for(;p.length<h-c-1;){let f=t.length;t.push(c+p.length+1),this.breadth.push(0),p.length?o(p.at(-1),f,0,0):o(l.tail,f,l.tailPort,0),p.push(f)}h-c===1?o(l.tail,l.head,l.tailPort,l.headPort):o(p[h-c-2],l.head,0,l.headPort)})}_index(){let{tail:e,head:t,out:s,into:o}=this.segments,r=(a,i)=>{let l=new Int32Array(this.size+1);for(let h of a)l[h+1]++;for(let h=0;h<this.size;h++)l[h+1]+=l[h];let d=l.slice(),c=new Int32Array(a.length);for(let h=0;h<a.length;h++)c[d[a[h]]++]=h;for(let h=0;h<this.size;h++)l[h+1]-l[h]>1&&c.subarray(l[h],l[h+1]).sort((p,f)=>i[p]-i[f]||p-f);return{start:l,list:c}};this.outs=r(e,s),this.ins=r(t,o),this.tail=Int32Array.from(e),this.head=Int32Array.from(t),this.out=Float64Array.from(s),this.into=Float64Array.from(o)}sort(){this._walk();let e=this.layers.map(r=>r.slice()),t=this._crossings(),s=0,o=this.size<3e3?10:this.size<1e4?5:3;for(let r=0;r<o&&t&&s<4;r++){this._sweep(r%2===0);let a=this._crossings();s++,a<t&&(e=this.layers.map(i=>i.slice()),t=a,s=0)}this.layers=e,this._place(),t&&this.size<=na&&this._exchange()}_walk(){let{ins:e,outs:t,tail:s,size:o}=this;this.layers=Array.from({length:this.count},()=>[]);let r=new Uint8Array(o),a=i=>{r[i]=1,this.layers[this.rank[i]].push(i)};for(let i=0;i<o;i++){if(t.start[i+1]>t.start[i]||r[i])continue;let l=[i];for(;l.length;){let d=l.pop();if(!r[d]){a(d);for(let c=e.start[d+1]-1;c>=e.start[d];c--){let h=s[e.list[c]];r[h]||l.push(h)}}}}for(let i=0;i<o;i++)r[i]||a(i);this._place()}_place(){for(let e of this.layers)for(let t=0;t<e.length;t++)this.position[e[t]]=t}_sweep(e){let{position:t,centres:s,count:o}=this,{start:r,list:a}=e?this.ins:this.outs,i=e?this.tail:this.head,l=e?this.out:this.into;for(let d=0;d<o;d++){let c=this.layers[e?d:o-1-d];for(let h=0;h<c.length;h++){let p=c[h],f=0;for(let b=r[p];b<r[p+1];b++)f+=t[i[a[b]]]+l[a[b]]*.001;s[p]=r[p+1]>r[p]?f/(r[p+1]-r[p]):h}c.sort((h,p)=>s[h]-s[p]);for(let h=0;h<c.length;h++)t[c[h]]=h}}_crossings(){let{ins:e,outs:t,tail:s,out:o}=this,r=new Int32Array(s.length),a=0;for(let i=1;i<this.count;i++){let l=0;for(let h of this.layers[i])for(let p=e.start[h];p<e.start[h+1];p++)r[e.list[p]]=++l;if(l<2)continue;let d=new Int32Array(l+1),c=0;for(let h of this.layers[i-1]){let p=t.list.subarray(t.start[h],t.start[h+1]),f=p.length>1?p.slice().sort((b,m)=>o[b]-o[m]||r[b]-r[m]):p;for(let b of f){let m=0;for(let w=r[b];w>0;w-=w&-w)m+=d[w];a+=c-m;for(let w=r[b];w<=l;w+=w&-w)d[w]++;c++}}}return a}_exchange(){for(let e=0;e<8;e++){let t=0;for(let s of this.layers)for(let o=0;o+1<s.length;o++){let r=s[o],a=s[o+1],i=this._cross(r,a)-this._cross(a,r);i<=0||(s[o]=a,s[o+1]=r,this.position[r]=o+1,this.position[a]=o,t+=i)}if(!t)return}}_cross(e,t){return this._pairs(this.ins,this.tail,this.out,e,t)+this._pairs(this.outs,this.head,this.into,e,t)}_pairs({start:e,list:t},s,o,r,a){let{position:i}=this,l=0;for(let d=e[r];d<e[r+1];d++){let c=i[s[t[d]]]+o[t[d]]*1e-4;for(let h=e[a];h<e[a+1];h++)c>i[s[t[h]]]+o[t[h]]*1e-4&&l++}return l}settle(){let e=this.layers.map(o=>this._gaps(o)),t=Math.max(...e.map(o=>o.at(-1)??0));this.layers.forEach((o,r)=>{let a=o.filter(i=>this._fans(i)).length;a>1&&(e[r]=this._gaps(o,t/a))}),this.layers.forEach((o,r)=>{let a=(e[r].at(-1)??0)/2;o.forEach((i,l)=>this.y[i]=e[r][l]-a)});let s=this.size<6e3?4:2;for(let o=0;o<2*s;o++){let r=o>=s;for(let a=this.count-1;a>=0;a--)this._settleRank(a,e[a],r,!0);for(let a=0;a<this.count;a++)this._settleRank(a,e[a],!0,r)}}_fans(e){let{ins:t,outs:s}=this,o=s.start[e+1]-s.start[e]+t.start[e+1]-t.start[e];return e<this.real&&this.vertices[e].place!==""&&o>1}_gaps(e,t=0){let s=new Float64Array(e.length);for(let o=1;o<e.length;o++){let r=e[o-1],a=e[o],i=r<this.real&&a<this.real?Xr:Yr,l=t>i&&this._fans(r)&&this._fans(a)?t:i;s[o]=s[o-1]+(this.breadth[r]+this.breadth[a])/2+l}return s}_settleRank(e,t,s,o){let{y:r,real:a,ins:i,outs:l,tail:d,head:c,out:h,into:p}=this,f=this.layers[e],b=new Float64Array(f.length),m=new Float64Array(f.length),w=new Int32Array(f.length),v=0;for(let k=0;k<f.length;k++){let _=f[k],M=_<a?1:4,L=0,P=0;if(s)for(let B=i.start[_];B<i.start[_+1];B++){let F=i.list[B],S=d[F]<a?M:M*2;L+=S,P+=S*(r[d[F]]+h[F]-p[F])}if(o)for(let B=l.start[_];B<l.start[_+1];B++){let F=l.list[B],S=c[F]<a?M:M*2;L+=S,P+=S*(r[c[F]]+p[F]-h[F])}L||(L=.05,P=L*r[_]),P-=L*t[k];let C=1;for(;v&&m[v-1]*L>P*b[v-1];)v--,L+=b[v],P+=m[v],C+=w[v];b[v]=L,m[v]=P,w[v++]=C}for(let k=0,_=0;k<v;k++){let M=m[k]/b[k];for(let L=0;L<w[k];L++,_++)r[f[_]]=M+t[_]}}result(){let{y:e,rank:t,breadth:s,real:o,vertices:r,ins:a}=this,i=1/0,l=-1/0;for(let f=0;f<this.size;f++)i=Math.min(i,e[f]-s[f]/2),l=Math.max(l,e[f]+s[f]/2);for(let f=0;f<this.size;f++)e[f]-=i;let{left:d,right:c}=this._columns(),h=new Float64Array(o);for(let f=0;f<o;f++){let b=a.start[f]===a.start[f+1];h[f]=b?c[t[f]]-r[f].length:d[t[f]]}let p=this.edges.map((f,b)=>this._route(b,f,d,c,h));return{start:h,middle:e.slice(0,o),routes:p,length:c.at(-1),breadth:l-i}}_columns(){let{y:e,ins:t,tail:s,out:o,into:r}=this,a=new Array(this.count).fill(0),i=new Array(this.count).fill(0),l=0;return this.layers.forEach((d,c)=>{let h=0,p=0;for(let f of d){for(let b=t.start[f];b<t.start[f+1];b++){let m=t.list[b];h=Math.max(h,Math.abs(e[s[m]]+o[m]-e[f]-r[m]))}f<this.real&&(p=Math.max(p,this.vertices[f].length))}c&&(l+=Math.min(Math.max(Jr,ea*h),Qr)+this.room[c]),a[c]=l,l+=p,i[c]=l}),{left:a,right:i}}_route(e,{tail:t,head:s,tailPort:o,headPort:r},a,i,l){let{y:d,rank:c,room:h}=this,p=c[t],f=c[s],b=d[t]+o,m=d[s]+r,w=[l[t]+this.vertices[t].length,b,i[p],b];if(!this.direct[e])for(let v=p+1;v<f;v++){let k=d[this.chainOf[e][v-p-1]];w.push(a[v]-h[v],k,i[v],k)}return w.push(a[f]-h[f],m,l[s],m),pn(w)}};function pn(n){let e=[n[0],n[1]];for(let t=2;t<n.length-2;t+=2)e.at(-1)===n[t+1]&&n[t+1]===n[t+3]||e.push(n[t],n[t+1]);return e.push(n.at(-2),n.at(-1)),e}function oa(n){n.sort((s,o)=>s-o);let e=0,t=0;for(let s of n){if(e+=s,e>ta)return Math.max(t,1);t=s}return t}function fs(n,e,t=[{parent:-1}]){return new gn(n,e,t).arrange()}var At={before:0,after:0,low:0,high:0},gn=class{constructor(e,t,s){this.boxes=e,this.regions=s,this.inside=s.map(()=>({members:new Map,pieces:new Map,origin:[0,0],size:[0,0]})),this.depth=new Int32Array(s.length);for(let o=1;o<s.length;o++)this.depth[o]=this.depth[s[o].parent]+1;e.forEach((o,r)=>{this._join(o.region??0,`box ${r}`,{box:r});for(let a=o.region??0;a>0;a=s[a].parent)this._join(s[a].parent,`region ${a}`,{region:a})}),this.paths=t.map(o=>this._cut(o))}_join(e,t,s){let{members:o}=this.inside[e],r=o.get(t);return r||(r={...s,at:o.size,key:t},o.set(t,r)),r}_cut(e){let{regions:t,depth:s}=this,o=`${e.tail} ${e.bundle??""}`,r=[],a=[],i=this.boxes[e.tail].region??0,l=this.boxes[e.head].region??0;for(;i!==l;)s[i]>=s[l]?(r.push(i),i=t[i].parent):(a.push(l),l=t[l].parent);let d=[],c=`box ${e.tail}`,h=null;for(let f of r){let b=this._join(f,`out ${o}`,{place:"last"}).key;d.push(this._piece(f,e,c,h,b,null)),c=`region ${f}`,h=b}let p=a.reverse();return[i,...p].forEach((f,b)=>{if(b===p.length){d.push(this._piece(f,e,c,h,`box ${e.head}`,null,e.headPort,e.room));return}let m=this._join(p[b],`in ${o}`,{place:"first"}).key;d.push(this._piece(f,e,c,h,`region ${p[b]}`,m)),c=m,h=null}),d}_piece(e,t,s,o,r,a,i=0,l=0){let{pieces:d}=this.inside[e],c=`${s}|${o}|${r}|${a}|${i}|${t.bundle??""}`,h=d.get(c);return h||(h={tail:s,tailVia:o,head:r,headVia:a,headPort:i,room:l,bundle:t.bundle??"",at:d.size},d.set(c,h)),[e,h]}arrange(){let e=this.regions.map((a,i)=>i).sort((a,i)=>this.depth[i]-this.depth[a]);for(let a of e)this.inside[a].members.size&&this._place(a);let t=new Float64Array(this.boxes.length),s=new Float64Array(this.boxes.length),o=this.regions.map(()=>null);for(let a of e.reverse()){let{members:i,placement:l,origin:d,size:c}=this.inside[a];if(o[a]={start:d[0],low:d[1],length:c[0],breadth:c[1]},!l)continue;let{before:h,low:p}=this.regions[a].padding??At,f=d[0]+h,b=d[1]+p;for(let{box:m,region:w,at:v}of i.values())if(m!==void 0)t[m]=f+l.start[v],s[m]=b+l.middle[v];else if(w!==void 0){let k=this.inside[w];k.origin=[f+l.start[v],b+l.middle[v]-k.size[1]/2]}}let r=this.paths.map(a=>this._route(a));return{start:t,middle:s,routes:r,regions:o,length:this.inside[0].size[0],breadth:this.inside[0].size[1]}}_place(e){let t=this.inside[e],{members:s,pieces:o}=t,r=Array.from(s.values(),({box:p,region:f,place:b})=>{if(p!==void 0)return{length:this.boxes[p].length,breadth:this.boxes[p].breadth,place:""};if(f===void 0)return{length:0,breadth:0,place:b};let[m,w]=this.inside[f].size;return{length:m,breadth:w,place:""}}),a=Array.from(o.values(),({tail:p,tailVia:f,head:b,headVia:m,headPort:w,room:v,bundle:k})=>({tail:s.get(p).at,head:s.get(b).at,tailPort:this._port(s.get(p),f,0),headPort:this._port(s.get(b),m,w),room:v,bundle:k}));t.placement=gs(r,a);let{before:i,after:l,low:d,high:c}=this.regions[e].padding??At,h=this.regions[e].least??{length:0,breadth:0};t.size=[Math.max(t.placement.length+i+l,h.length),Math.max(t.placement.breadth+d+c,h.breadth)]}_port({region:e},t,s){if(t===null)return s;let o=this.inside[e],{low:r}=this.regions[e].padding??At;return r+o.placement.middle[o.members.get(t).at]-o.size[1]/2}_route(e){let t=[];for(let[s,o]of e){let{origin:r,placement:a}=this.inside[s],{before:i,low:l}=this.regions[s].padding??At,d=a.routes[o.at];for(let c=0;c<d.length;c+=2){let h=r[1]+l+d[c+1];t.length&&Math.abs(t.at(-1)-h)<1e-6&&(h=t.at(-1)),t.push(r[0]+i+d[c],h)}}return pn(t)}};function ms(n){return n==="TB"?(e,t)=>[t,e]:(e,t)=>[e,t]}function dt(n,e){let t=(o,r)=>{let[a,i]=e(o,r);return`${ze(a)} ${ze(i)}`},s=`M${t(n[0],n[1])}`;for(let o=0;o+3<n.length;o+=2){let r=n[o],a=n[o+1],i=n[o+2],l=n[o+3];if(a===l)s+=`L${t(i,l)}`;else{let d=(r+i)/2;s+=`C${t(d,a)} ${t(d,l)} ${t(i,l)}`}}return s}function ze(n){return Math.round(n*10)/10}var xe=11,ut=10,ie=18,Ke=8,Ue=14,Ve=3,jt=6,fn=22,ra=18,aa=7,mn=44,Le=12,vs=24,bs=32,ia=ke("−".padEnd(cn,"0"),xe),la=2;function ks(n,e,t){let s=t!=="TB",o=ms(t),r=e.boxes.map(m=>ua(n,m,s)),a=ma(e.wires),i=fs(r.map(({badge:m,body:w},v)=>({...ha(m,w,e.boxes[v],s),region:e.boxes[v].cluster})),e.wires.map((m,w)=>({tail:m.from,head:m.to,headPort:ca(e.boxes[m.to],m.port,s),room:aa+4+(s?mn+6:ut+6),bundle:a[w]?String(a[w]):""})),e.clusters.map(m=>pa(m,s))),l=e.boxes.map((m,w)=>({...m,...r[w],...ga(r[w],i.start[w],i.middle[w],s)})),d=ba(e.wires.map(({from:m},w)=>[`${m} ${a[w]}`,i.routes[w]])),c=(m,w)=>o(m+Ue,w+Ue),h=e.wires.map((m,w)=>fa(m,d[w],i.routes[w],c,s)),p=e.clusters.map((m,w)=>{let{start:v,low:k,length:_,breadth:M}=i.regions[w],[L,P]=c(v,k),[C,B]=o(_,M);return{...m,x:L,y:P,width:C,height:B,shade:da(e.clusters,w)%2}}),[f,b]=o(i.length+2*Ue,i.breadth+2*Ue);return{boxes:l,wires:h,clusters:p,width:f,height:b,direction:t,at:c}}function da(n,e){let t=0;for(;e>0;e=n[e].parent)t++;return t}function ua(n,e,t){if(e.kind!=="node"){let m=Math.max(...e.lines.map(M=>ke(M,ut))),w=Math.max(ke(e.title,xe,!0),m)+2*Ke+2*Ve+12,v=ie*(1+e.lines.length)+12,k=St(t)*(Math.min(e.ports,vs)-1)+14;return{badge:null,body:t?{width:w,height:Math.max(v,k)}:{width:Math.max(w,k),height:v}}}let s=e.node,o=n.kind[s]===la,r=o?"":ae(n.title(s),bs),a=o?ke(ve(n.value[s]),xe):ia,i=a+(r?ke(r,xe,!0)+10:0);o||(i=Math.max(i,a+ke("grad",ut)+10));let l={width:Math.max(i,22)+2*Ke,height:ie*(o?1:2)+4},d=n.operation(s),c=!n.label(s);if(!d)return{name:r,faint:c,badge:null,body:l,op:""};let h=ae(_e(d.symbol||d.name),bs),p=St(t)*(e.ports-1)+14,f=Math.max(fn,ke(h,xe)+12),b=t?{width:f,height:Math.max(fn,p)}:{width:Math.max(f,p),height:fn};return{name:r,faint:c,badge:b,body:l,op:h}}function St(n){return n?ra:mn+8}function ca({kind:n,ports:e},t,s){return n!=="node"&&e>vs?0:(t-(e-1)/2)*St(s)}function ha(n,e,{ports:t,kind:s},o){if(o)return{length:e.width+(n?n.width+jt:0),breadth:Math.max(n?.height??0,e.height)};let r=s==="node"&&t?St(!1)*(t-1)+2*(mn+6):0;return{length:e.height+(n?n.height+jt:0),breadth:Math.max(n?.width??0,e.width,r)}}function pa(n,e){if(n.parent<0)return{parent:-1};let t=ke(n.title,xe,!0)+2*Le+24,s=ie+8;return e?{parent:n.parent,padding:{before:Le,after:Le,low:s,high:Le},least:{length:t,breadth:0}}:{parent:n.parent,padding:{before:s,after:Le,low:Le,high:Le},least:{length:0,breadth:t}}}function ga({badge:n,body:e},t,s,o){let r=o?"width":"height",a=o?"height":"width",i=e[r]+(n?n[r]+jt:0),l=Math.max(e[a],n?.[a]??0),d=s-l/2,c=(f,b)=>{let m=(l-f[a])/2,[w,v]=o?[b,m]:[m,b];return{...f,x:ze(w),y:ze(v)}},[h,p]=o?[t,d]:[d,t];return{x:ze(h+Ue),y:ze(p+Ue),width:o?i:l,height:o?l:i,body:c(e,n?n[r]+jt:0),badge:n&&c(n,0)}}function fa(n,e,t,s,o){let r=s(t[t.length-2],t[t.length-1]).map(ze),a=new Array(e.length);for(let i=0;i<e.length;i+=2)[a[i],a[i+1]]=s(e[i],e[i+1]);return{...n,route:t,part:e,tip:r,points:a,across:o}}function xs({points:n},[e,t,s,o]){let r=-1,a=-1;for(let i=0;i+3<n.length;i+=2)Math.min(n[i],n[i+2])>s||Math.max(n[i],n[i+2])<e||Math.min(n[i+1],n[i+3])>o||Math.max(n[i+1],n[i+3])<t||(r<0&&(r=i),a=i);return r<0?null:[r,a]}function He({part:n,tip:[e,t],across:s},o,r=0,a=n.length-4){let i=dt(r===0&&a===n.length-4?n:n.slice(r,a+4),o);return a<n.length-4?i:i+(s?`M${e-6} ${t-3.5}L${e} ${t}L${e-6} ${t+3.5}`:`M${e-3.5} ${t-6}L${e} ${t}L${e+3.5} ${t-6}`)}function ma(n){let e=new Map;return n.map(({from:t,to:s})=>{let o=`${t} ${s}`,r=e.get(o)??0;return e.set(o,r+1),r})}function ba(n){let e=new Map;return n.map(([t,s])=>{let o=e.get(t);if(!o)return e.set(t,{longest:s,last:s}),s;let r=Math.max(ws(o.longest,s),ws(o.last,s));return o.last=s,s.length>o.longest.length&&(o.longest=s),r>2?s.slice(r-2):s})}function ws(n,e){let t=Math.min(n.length,e.length-2),s=0;for(;s<t&&Math.abs(n[s]-e[s])<.05&&Math.abs(n[s+1]-e[s+1])<.05;)s+=2;return s}var ys={"+":"+","-":"−","*":"·","/":"/","**":"^","%":"%","//":"//"},wa={"<":"<","<=":"≤",">":">",">=":"≥","==":"=","!=":"≠"},va=60,ka=200,bn=12,Ze="?",Ms=/^[\p{L}\p{N}_.′'[\]−]*/u;function $t(n,e){let t=n.verdict(e);return t?t.mark===1?u("verdict.right"):`${t.mark?"✗":"?"} ${t.reason}`:null}function pe(n){let e=y(n);return e.startsWith("−")?`(${e})`:e}function D(n,e){let t=n.title(e);return t.match(Ms)[0]===t?t:`(${t})`}function ue(n,e){let t=[],{groups:s,nodes:o}=n.document;for(let r=o.group[e];r>=0;r=s[r].parent)t.unshift(s[r].name);return t.join(" › ")}function O(n,e,t=n.root){return`∂${D(n,t)}/∂${D(n,e)}`}function As(n){let e=[],t=0;for(let s=n.indexOf("∂");s>=0;s=n.indexOf("∂",Math.max(s+1,t))){let o=_s(n,s+1);if(o===s+1||!n.startsWith("/∂",o))continue;let r=_s(n,o+2);r!==o+2&&(s>t&&e.push(n.slice(t,s)),e.push([n.slice(s,o),n.slice(o+1,r)]),t=r)}return t<n.length&&e.push(n.slice(t)),e}function _s(n,e){if(n[e]!=="(")return e+n.slice(e).match(Ms)[0].length;let t=0;for(let s=e;s<n.length;s++)if(n[s]==="(")t++;else if(n[s]===")"&&--t===0)return s+1;return e}function qt(n,e,t=s=>D(n,s)){let s=n.operands(e).map(t);return xa(n.operation(e),s)}function xa({name:n,symbol:e},t){let s=ys[e]??wa[e];if(s&&t.length===2)return`${t[0]} ${s} ${t[1]}`;let[,o,r]=/^(\*\*|[-+*/])\(?(-?[\d.]+)\)?$/.exec(e)??[];return o&&t.length===1?`${t[0]} ${ys[o]} ${r.replace("-","−")}`:n==="neg"?`−${t[0]}`:n==="identity"?t[0]:`${e||n}(${t.join(", ")})`}function js(n,e){let{engine:t}=n,s=qt(t,e,i=>pe(n.value(i))),o=s.startsWith("(")?s.replace(/^\((−[^()]*)\)/,"$1"):s,r=y(n.value(e)),a=[D(t,e),qt(t,e),o];return o!==r&&a.push(r),a.join(" = ")}function Q(n,e){let t=n.operation(e);return t?_e(t.symbol||t.name):n.kind[e]===1?u("node.leaf"):u("node.constant")}var ya={add:(n,e)=>[`${ne(n,1)} + ${ne(e,1)}`,1],sub:(n,e)=>[`${ne(n,1)} − ${ne(e,2)}`,1],mul:(n,e)=>n===e?[`${ne(n,4)}²`,3]:[`${ne(n,2)} · ${ne(e,2)}`,2],div:(n,e)=>[`${ne(n,2)} / ${ne(e,3)}`,2],pow:(n,e)=>[`${ne(n,4)}^${ne(e,4)}`,3],neg:n=>[`−${ne(n,3)}`,1],square:n=>[`${ne(n,4)}²`,3],identity:n=>n};function ne([n,e],t){return e<t||n.startsWith("−")&&t>1?`(${n})`:n}function wn(n,e){let t=n.owner[e],s=n.operation(t).slopes?.[e-n.start[t]],o=s?_a(n,t,s):za(n,e);return o!==null&&o.length<=ka?o:null}function _a(n,e,t){let s=n.operands(e).map(a=>D(n,a)),o=a=>a.startsWith("−")&&t.length>3?`(${a})`:a;return t.replace(/\{(\w)\}/g,(a,i)=>o(i==="y"?D(n,e):s[i])).replace(/\^\((\d+) − 1\)/,(a,i)=>i==="2"?"":i==="3"?"²":`^${i-1}`)}function za(n,e){if(n.rule[e]<0)return null;let{constants:t,code:s,out:o}=n.document.rules[n.rule[e]],r=n.owner[e],a=[r,...n.operands(r)].map(i=>[D(n,i),4]);for(let i of t)a.push([typeof i=="number"?y(i):i,4]);for(let[i,...l]of s){if(i==="where")return null;let d=l.map(h=>a[h]),c=(ya[i]??((...h)=>[`${i}(${h.map(([p])=>p).join(", ")})`,4]))(...d);if(c[0].length>va)return null;a.push(c)}return a[o][0]}function Ma(n,e){let t=O(n,n.args[e],n.owner[e]),s=y(n.slope[e]),o=wn(n,e);return o===null||o===s?`${t} = ${s}`:`${t} = ${o} = ${s}`}function Be(n,e){let{engine:t}=n;return n.conceals(e)?`${O(t,t.args[e],t.owner[e])} = ${Ze}`:Ma(t,e)}function vn(n,e,t=n.engine.slope[e]){return n.conceals(e)?Ze:pe(t)}function ge(n,e,t=n.grad(e)){return n.hidden(e)?Ze:y(t)}function Xe(n,{node:e,id:t,edge:s,slope:o,upstream:r,amount:a},i=null){let{engine:l}=n,d=n.hidden(e)?Ze:y(r),c=n.hidden(t)?Ze:y(a);return[i??O(l,t),`${O(l,e)} · ${O(l,t,e)}`,`${d} · ${vn(n,s,o)}`,c].join(" = ")}function Ye(n,e,t,s){if(t.length<2)return null;let{engine:o}=n,r=n.hidden(e),a=zs(t,({node:l})=>`${O(o,l)} · ${O(o,e,l)}`),i=r?u("share.sum",{n:t.length}):zs(t,({amount:l},d)=>d?pe(l):y(l));return[O(o,e),a,i,r?Ze:y(s)].join(" = ")}function zs(n,e){let t=n.slice(0,bn).map(e);return n.length>bn&&t.push(u("share.more",{n:n.length-bn})),t.join(" + ")}function Me(n,e){return n.contributions(e).filter(({sent:t})=>t)}function Ss(n,e,t){return e.filter(({node:s})=>n.stepOf(s)<=t)}function Je(n){let{last:e}=n.shown;if(!e)return u("where.start",{total:n.total});let t=qs(n,e);return e.phase==="seed"?u("where.seed",t):u("where.step",{...t,phase:u(`phase.${e.phase}`)})}function qs({engine:n,t:e,total:t},{node:s}){return{t:e,total:t,sign:Q(n,s),node:n.title(s)}}function $s(n){let{engine:e}=n,{last:t}=n.shown;if(!t)return u("spoken.start",{total:n.total});let s=qs(n,t);if(t.phase==="forward")return u("spoken.forward",{...s,value:y(n.value(t.node))});if(t.phase==="seed")return u("spoken.seed",s);let o=[...new Set(e.operands(t.node))].filter(r=>n.grad(r)!==null||n.hidden(r)).map(r=>{let a=e.title(r);return n.hidden(r)?u("spoken.hidden",{node:a}):u("spoken.gradient",{node:a,gradient:y(n.grad(r))})});return[u("spoken.backward",s),...o].join("; ")}var Et=2;function Aa(n,e){let{engine:t}=n,s=t.title(e),o=n.value(e),r=n.grad(e),a=t.operation(e),i=[o===null?u("box.not_computed",{node:s}):`${s} = ${kn(o)}`];if(a){let d=t.operands(e).map(p=>ae(t.title(p),24)),c=u("share.rest",{n:d.length-5}),h=d.length>6?[...d.slice(0,5),c]:d;i.push(u("box.operation",{sign:_e(a.symbol||a.name),operands:h.join(", ")}))}else i.push(t.kind[e]===Et?u("node.constant"):u("node.leaf"));n.note(e)&&i.push(n.note(e)),n.hidden(e)?i.push(u("box.to_be_found")):r!==null?i.push(u("box.gradient",{gradient:kn(r)})):t.kind[e]!==Et&&i.push(u("box.no_gradient"));let l=t.source(e);return l&&i.push(u("box.made_at",{source:l})),i}function kn(n){return Number.isFinite(n)?String(n).replace("-","−"):y(n)}var ja={yes:"✓",no:"✗",unknown:"?"};function Tt(n,e){let t=j("g",{class:"gg-box",role:"button",tabindex:-1,transform:`translate(${e.x} ${e.y})`,"data-key":e.key}),s=j("title",{}),o=j("g",{"aria-hidden":"true"});t.append(s,o);let r=(i,l,d)=>{let c=d===void 0?j(i,l):j(i,l,d);return o.append(c),c},a={group:t,drawn:o,title:s};return e.kind==="node"?Sa(n,e,r,a):qa(e,r,a),a}function Sa(n,e,t,s){let{badge:o,body:r}=e,a=n.engine.kind[e.node]===Et;if(o){let d=o.x<r.x,c=d?[o.x+o.width,o.y+o.height/2]:[o.x+o.width/2,o.y+o.height],h=d?[r.x,c[1]]:[c[0],r.y];t("path",{class:"gg-neck",d:`M${c}L${h}`}),t("rect",{class:"gg-op",x:o.x,y:o.y,width:o.width,height:o.height,rx:7}),t("text",{class:"gg-text gg-middle",x:o.x+o.width/2,y:o.y+o.height/2+xe*.36},e.op)}let i=r.y+2+ie*.69,l=r.x+r.width-Ke;s.frame=t("rect",{class:"gg-frame",x:r.x,y:r.y,width:r.width,height:r.height,rx:4}),a||(s.shade=t("rect",{class:"gg-shade",x:r.x+2,y:r.y+2+ie,width:r.width-4,height:ie,rx:2.5}),s.word=t("text",{class:"gg-text gg-small",x:r.x+Ke,y:i+ie},u("box.grad")),s.grad=t("text",{class:"gg-text gg-end",x:l,y:i+ie},"")),e.name&&t("text",{class:`gg-text ${e.faint?"gg-faint":"gg-bold"}`,x:r.x+Ke,y:i},e.name),s.value=t("text",{class:"gg-text gg-end",x:l,y:i},""),s.corner=[r.x+r.width+1,r.y-4]}function qa(n,e,t){let{body:s,lines:o}=n,r=s.width-2*Ve,a=s.height-2*Ve,i=n.kind==="repeat"?[2,1]:[1];for(let c of i)e("rect",{class:"gg-sheet-behind",x:s.x+c*Ve,y:s.y+c*Ve,width:r,height:a,rx:6});t.frame=e("rect",{class:"gg-frame",x:s.x,y:s.y,width:r,height:a,rx:6});let l=s.x+r/2,d=s.y+(a-ie*(1+o.length))/2+ie*.72;e("text",{class:"gg-text gg-bold gg-middle",x:l,y:d},n.title),o.forEach((c,h)=>{e("text",{class:"gg-text gg-small gg-middle",x:l,y:d+ie*(h+1)},c)}),t.track=e("rect",{class:"gg-track",x:s.x+4,y:s.y+a-5,width:r-8,height:3,rx:1.5}),t.done=e("rect",{class:"gg-done",x:s.x+4,y:s.y+a-5,width:0,height:3,rx:1.5}),t.corner=[s.x+r+1,s.y-4],q(t.group,"aria-expanded","false")}function ct(n,e,t,s){let{classes:o,value:r,grad:a,hidden:i,shade:l,agreement:d,done:c,bad:h}=s,p=[o,r,a,i,l,d,c,h].join("|");if(n.key===p)return;n.key=p,q(n.group,"class",`gg-box gg-${t.kind} ${s.classes}`),q(n.group,"aria-pressed",t.kind==="node"?String(s.classes.includes("gg-selected")):null);let f;if(t.kind==="node")E(n.value,s.value===null?"":ve(s.value)),n.grad&&(E(n.grad,s.hidden?"?":s.grad===null?"":ve(s.grad)),q(n.shade,"class",`gg-shade gg-${s.shade??"none"}`)),f=Aa(e,t.node),s.agreement&&f.push($t(e,t.node)??u(`box.agrees.${s.agreement}`));else{let b=s.done??0;q(n.track,"visibility",s.done===null?"hidden":null),q(n.done,"visibility",s.done===null?"hidden":null),q(n.done,"width",Math.round(b*Number(n.track.getAttribute("width")))),f=[t.title,...t.lines],s.bad&&f.push(u("box.not_finite"))}Es(n,"alert",s.bad?"⚠":null,"gg-alert",-16),Es(n,"check",s.agreement?ja[s.agreement]:null,`gg-check gg-check-${s.agreement}`,0),t.kind!=="node"&&f.push(u("box.open")),E(n.title,f.join(`
`))}function Es(n,e,t,s,o){if(t===null){n[e]?.remove(),n[e]=null;return}if(!n[e]){let[r,a]=n.corner;n[e]=j("g",{},j("circle",{cx:r+o,cy:a,r:6.5}),j("text",{class:"gg-sign gg-middle",x:r+o,y:a+3.4},"")),n.drawn.append(n[e])}q(n[e],"class",s),E(n[e].lastChild,t)}function Nt(n,e){let[t,s]=n.tip,o=n.across?j("text",{class:"gg-slope gg-end",x:t-9,y:s-3},""):j("text",{class:"gg-slope",x:t+4,y:s-8},""),r=j("title",{},""),a=j("path",{class:"gg-line",d:e});return{group:j("g",{class:"gg-wire"},r,a,o),line:a,label:o,title:r}}function Ot(n,e,t,s){let{engine:o}=e,r=t.edge>=0,a=r?e.slope(t.edge):null,i=r&&e.value(o.owner[t.edge])!==null,l=r&&o.kind[o.args[t.edge]]===Et,d=r&&a===null,c=`${s}|${a}|${i}`;if(n.key===c)return;n.key=c,q(n.group,"class",`gg-wire ${s}`);let h=d||o.document.judged&&Number.isNaN(a);if(E(n.label,r?i&&!l?h?"?":y(a,3):"":`×${re(t.count)}`),!r)E(n.title,lt(t.count,"edge"));else{let p=`∂${o.title(o.owner[t.edge])}/∂${o.title(o.args[t.edge])}`;E(n.title,i?`${p} = ${d?"?":kn(a)}`:p)}}function Lt(n){let e=j("rect",{class:`gg-cluster gg-cluster${n.shade}`,x:n.x,y:n.y,width:n.width,height:n.height,rx:8}),t=j("g",{class:"gg-cluster-name",role:"button",tabindex:-1,"aria-expanded":"true","data-key":n.key,transform:`translate(${n.x} ${n.y})`},j("title",{},`${n.title}
${u("box.close")}`),j("g",{"aria-hidden":"true"},j("rect",{class:`gg-plate gg-cluster${n.shade}`,x:6,y:4,width:xn(n),height:18,rx:4}),j("text",{class:"gg-text gg-bold gg-faint",x:12,y:17},`▾ ${n.title}`)));return{frame:e,name:t}}function xn(n){return Math.min(n.width-12,n.title.length*xe*.78+32)}function yn(n,e,t=1.25,s=16){let o=Math.min(t,Math.max(e.width-2*s,40)/Math.max(n.width,1),Math.max(e.height-2*s,40)/Math.max(n.height,1)),r=Math.max(o,5e-4);return{k:r,x:e.width/2-r*(n.x+n.width/2),y:e.height/2-r*(n.y+n.height/2)}}function $a({k:n,x:e,y:t},s,o,r){let a=Math.min(4,Math.max(5e-4,n*s));return{k:a,x:o-(o-e)*a/n,y:r-(r-t)*a/n}}function Ea(n,e,t,s){let o=e.k/n.k;return[o,e.x-n.x*o+t*(1-o),e.y-n.y*o+s*(1-o)]}var Bt=class{constructor(e,t,s,{rebased:o,clicked:r,alone:a=!0,unheld:i=()=>{}}){Object.assign(this,{frame:e,sheet:t,world:s,rebased:o,clicked:r,alone:a,unheld:i}),this.held=a,this._mark(),this.now={k:1,x:0,y:0},this.base=null,this.pointers=new Map,this.width=e.clientWidth||800,this.height=e.clientHeight||500,this._resize(),this.offs=[];let l=(d,c,h)=>{e.addEventListener(d,c,h),this.offs.push(()=>e.removeEventListener(d,c,h))};l("wheel",d=>this._wheel(d),{passive:!1}),l("pointerdown",d=>this._down(d)),l("pointermove",d=>this._move(d)),l("pointerup",d=>this._up(d)),l("pointercancel",d=>this._up(d,!0)),a||this._release(l),this.watcher=new ResizeObserver(()=>this._sized()),this.watcher.observe(e)}get region(){let{k:e,x:t,y:s}=this.base,o=(-this.overX-t)/e,r=(-this.overY-s)/e;return[o,r,o+(this.width+2*this.overX)/e,r+(this.height+2*this.overY)/e]}point(e,t){let s=this.frame.getBoundingClientRect();return[(e-s.left-this.now.x)/this.now.k,(t-s.top-this.now.y)/this.now.k]}holds(e,t=10){let{k:s,x:o,y:r}=this.now;return e.x*s+o>=t&&e.y*s+r>=t&&(e.x+e.width)*s+o<=this.width-t&&(e.y+e.height)*s+r<=this.height-t}go(e,t=!1){if(cancelAnimationFrame(this.gliding),!t||globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches||!this.base){this.now=e,this.rebase();return}let o=this.now,r=performance.now(),a=i=>{let l=Math.min(1,Math.max(0,(i-r)/180)),d=l*l*(3-2*l),c=o.k*(e.k/o.k)**d,h=(p,f)=>p+(f-p)*d;this._show({k:c,x:h(o.x,e.x),y:h(o.y,e.y)}),l<1?this.gliding=requestAnimationFrame(a):this.rebase()};this.gliding=requestAnimationFrame(a)}zoomBy(e,t=this.width/2,s=this.height/2){this._later($a(this.target??this.now,e,t,s))}panBy(e,t){let{k:s,x:o,y:r}=this.target??this.now;this._later({k:s,x:o+e,y:r+t})}rebase(){clearTimeout(this.timer),this.base={...this.now};let{k:e,x:t,y:s}=this.base;this.world.setAttribute("transform",`translate(${t+this.overX} ${s+this.overY}) scale(${e})`),this.sheet.style.transform="",this.rebased()}_later(e){cancelAnimationFrame(this.gliding),this.target=e,this.frameAsked??=requestAnimationFrame(()=>{this.frameAsked=null;let t=this.target;this.target=null,t&&this._show(t)})}_show(e){this.now=e;let[t,s,o]=Ea(this.base,e,this.overX,this.overY);if(!(s<=this.overX&&o<=this.overY&&s+(this.width+2*this.overX)*t>=this.overX+this.width&&o+(this.height+2*this.overY)*t>=this.overY+this.height)&&!this.whole?.()||t>2.5||t<.3){this.rebase();return}this.sheet.style.transform=`matrix(${t},0,0,${t},${s},${o})`,this._rest()}_rest(){clearTimeout(this.timer),this.timer=setTimeout(()=>this.pointers.size?this._rest():this.rebase(),160)}_sized(){let{clientWidth:e,clientHeight:t}=this.frame;!e||!t||e===this.width&&t===this.height||(this.now={...this.now,x:this.now.x+(e-this.width)/2,y:this.now.y+(t-this.height)/2},this.width=e,this.height=t,this._resize(),this.base&&this.rebase(),this.resized?.())}_resize(){this.overX=Math.round(this.width*.6),this.overY=Math.round(this.height*.6);let{style:e}=this.sheet;e.left=`${-this.overX}px`,e.top=`${-this.overY}px`,e.width=`${this.width+2*this.overX}px`,e.height=`${this.height+2*this.overY}px`}_release(e){e("pointerleave",o=>o.pointerType==="mouse"&&!this.pointers.size&&this._hold(!1));let t=o=>o.composedPath().includes(this.frame)||this._hold(!1),s=()=>this._hold(!1);document.addEventListener("pointerdown",t,!0),globalThis.addEventListener("blur",s),this.offs.push(()=>document.removeEventListener("pointerdown",t,!0),()=>globalThis.removeEventListener("blur",s))}_hold(e){this.alone||e===this.held||(this.held=e,this._mark())}_mark(){this.frame.toggleAttribute("data-held",this.held)}_wheel(e){if(!this.held&&!e.ctrlKey&&!e.metaKey){this.unheld();return}e.preventDefault();let t=this.frame.getBoundingClientRect(),s=e.deltaMode===1?16:e.deltaMode===2?this.height:1,o=e.deltaY*s*(e.ctrlKey?6:1);this.zoomBy(Math.exp(-Math.max(-400,Math.min(400,o))*.0016),e.clientX-t.left,e.clientY-t.top)}_down(e){e.button!==0||e.target.closest?.("button")||(e.pointerType==="mouse"&&this._hold(!0),this.pointers.set(e.pointerId,{x:e.clientX,y:e.clientY}),this.slipped=this.pointers.size>1?1/0:0)}_move(e){let t=this.pointers.get(e.pointerId);if(!t)return;let s=this._hand();if(this.slipped+=Math.abs(e.clientX-t.x)+Math.abs(e.clientY-t.y),t.x=e.clientX,t.y=e.clientY,this.slipped<5)return;this.frame.hasPointerCapture(e.pointerId)||this.frame.setPointerCapture(e.pointerId);let o=this._hand(),r=this.frame.getBoundingClientRect();this.panBy(o.x-s.x,o.y-s.y),s.spread>0&&o.spread>0&&this.zoomBy(o.spread/s.spread,o.x-r.left,o.y-r.top)}_up(e,t=!1){this.pointers.delete(e.pointerId)&&(t||this.slipped>=5||this.pointers.size||(this._hold(!0),this.clicked(e)))}_hand(){let e=[...this.pointers.values()],t=e.reduce((o,r)=>o+r.x,0)/e.length,s=e.reduce((o,r)=>o+r.y,0)/e.length;return{x:t,y:s,spread:e.length>1?Math.hypot(e[0].x-t,e[0].y-s):0}}destroy(){clearTimeout(this.timer),cancelAnimationFrame(this.gliding),this.frameAsked&&cancelAnimationFrame(this.frameAsked),this.watcher.disconnect();for(let e of this.offs)e()}};var Ta=["fill","stroke","stroke-width","stroke-dasharray","stroke-linecap","stroke-linejoin","paint-order","font-family","font-size","font-weight","text-anchor"],Na={stroke:"none","stroke-dasharray":"none","stroke-linecap":"butt","stroke-linejoin":"miter","paint-order":"normal","font-weight":"400","text-anchor":"start"},Oa=new Set(["font-family","font-size","font-weight","text-anchor"]),La=4e7,Ts=16e3,It=24,Ns=14,Ba=6;function ht(n){return new XMLSerializer().serializeToString(_n(n))}function _n(n,e=!1){let{picture:t,session:s,frame:o}=n,r=s.story,a=Math.ceil(Math.max(t.width,...r.map(v=>28+Ba*v.length))),i=Math.ceil(t.height),l=i+It+Ns*r.length,d=j("g"),c=j("svg",{xmlns:"http://www.w3.org/2000/svg",viewBox:`0 0 ${a} ${l}`,width:a,height:l,role:"img"},j("title",{},s.whole.title??""),j("rect",{class:"gg-paper",x:0,y:0,width:a,height:l,fill:"#ffffff"}),d),h=t.clusters.slice(1).map(Lt);d.append(...h.map(v=>v.frame));let p=s.selected===null?-1:n.view.boxOf[s.selected];for(let v of t.wires){let k=Nt(v,He(v,t.at));Ot(k,s,v,v.from===p||v.to===p?"gg-near":""),d.append(k.group)}d.append(...h.map(v=>v.name)),t.boxes.forEach((v,k)=>{let _=Tt(s,v),M=n._state(k);ct(_,s,v,M),e&&M.hidden&&(_.grad.textContent=""),d.append(_.group)}),d.append(n.layers.marks.cloneNode(!0));let f=j("g",{transform:`translate(14 ${i})`});f.append(...[...n.legend.childNodes].map(v=>v.cloneNode(!0))),c.append(f),r.forEach((v,k)=>{let _={x:14,y:i+It+Ns*k+8};c.append(j("g",{class:"gg-story"},j("text",{class:"gg-text gg-small",..._},v)))});let b=document.createElement("div");b.className="gg-view",b.style.visibility="hidden",b.append(c);let{host:m}=o.getRootNode(),w=m?.hasAttribute("data-dark");o.parentNode.append(b);try{w&&m.removeAttribute("data-dark"),Ia(c)}finally{w&&m.setAttribute("data-dark",""),c.remove(),b.remove()}return c}function Ia(n){let e=new Map,t=[];for(let s of n.querySelectorAll("rect, path, text, circle")){if(s.getAttribute("class")==="gg-paper")continue;let o=s.parentNode.closest("[class]").getAttribute("class"),r=`${s.localName} ${s.getAttribute("class")} ${o}`;e.has(r)||e.set(r,Ga(s.localName,getComputedStyle(s))),t.push([s,e.get(r)])}for(let[s,o]of t){for(let[r,a]of o)s.setAttribute(r,a);s.getAttribute("paint-order")==="stroke"&&Ca(s)}for(let s of n.querySelectorAll("*"))for(let{name:o}of[...s.attributes])(o==="class"||o==="tabindex"||o==="role"||o.startsWith("aria-")||o.startsWith("data-"))&&s.removeAttribute(o)}function Ca(n){let e=n.cloneNode(!0);n.before(e);for(let t of["stroke","stroke-width","stroke-linejoin"])n.removeAttribute(t);for(let t of[e,n])t.removeAttribute("paint-order")}function Ga(n,e){let t=[];for(let s of Ta){if(Oa.has(s)&&n!=="text")continue;let o=e.getPropertyValue(s);!o||o===Na[s]||s.startsWith("stroke-")&&e.getPropertyValue("stroke")==="none"||t.push([s,o])}return t}function Pa(n,e){return Math.min(2,Math.sqrt(La/(n*e)),Ts/n,Ts/e)}async function Os(n){let e=ht(n),{width:t,height:s}=n.picture,o=Pa(t,s+It),r=new Image;await new Promise((i,l)=>{r.onload=i,r.onerror=()=>l(new Error(u("export.cannot_draw"))),r.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(e)}`});let a=document.createElement("canvas");return a.width=Math.max(1,Math.round(t*o)),a.height=Math.max(1,Math.round((s+It)*o)),a.getContext("2d").drawImage(r,0,0,a.width,a.height),new Promise((i,l)=>{a.toBlob(d=>d?i(d):l(new Error(u("export.too_large"))),"image/png")})}var Ra=6;function Bs({picture:n,view:e,ins:t,session:s,change:o}){let r=[];if(o){let i=e.boxOf[o.node],l=n.boxes[i];r.push(j("path",{class:"gg-pointer",d:Da(l,o.phase==="forward")}));let d=new Map(o.operands.map(c=>[c.edge,c]));for(let c of t[i]){let h=n.wires[c];l.kind!=="node"&&!o.operands.some(({id:p})=>e.boxOf[p]===h.from)||(r.push(j("path",{class:"gg-active",d:dt(h.route,n.at)})),o.phase==="backward"&&r.push(...Fa(n,h,d.get(h.edge))))}}let a=s.mistake?.first??null;if(a!==null){let i=n.boxes[e.boxOf[a]],l=u("marks.wrong",{right:ve(s.mistake.right[a])});r.push(j("text",{class:"gg-amount",x:i.x+i.body.x,y:i.y+i.height+12},l))}return r}function Fa({at:n},e,t){if(t&&!t.sent)return[];let s=e.route.map((l,d)=>d%2?l+Ra:l),[o,r]=n(s[0],s[1]),{across:a}=e,i=[j("path",{class:"gg-flow",d:dt(s,n)}),j("path",{class:"gg-flow-head",d:a?`M${o} ${r}l8 -4v8z`:`M${o} ${r}l-4 8h8z`})];if(t){let l={x:o+(a?10:8),y:r+(a?13:18)};i.push(j("text",{class:"gg-amount",...l},ds(t.amount)))}return i}function Da({x:n,y:e,width:t},s){let o=s?7:-7;return`M${n+t/2+o} ${e-10}l${-2*o} -6v12z`}function Is(n){if(!n)return{width:0,parts:[]};let e=(i,l)=>j("text",{class:"gg-text gg-small gg-faint",x:i,y:11},l),t=[4,3,2,1].map(i=>`minus${i}`).concat("zero",[1,2,3,4].map(i=>`plus${i}`)),s=u("marks.legend",{low:ve(-n)}),o=s.length*5.6+6,r=(i,l)=>j("rect",{class:`gg-${i}`,x:o+12*l,y:2,width:11,height:11,rx:1.5}),a=o+12*t.length;return{width:a+70,parts:[e(0,s),...t.map(r),e(a+4,ve(n))]}}var Ct=class{constructor(e){this.layer=e,this.paths=new Map}clear(){this.paths.clear(),this.layer.replaceChildren()}show({bundled:e,far:t,picture:s,session:o,largest:r}){if(e===null){this.paths.size&&this.clear();return}let a=new Map([...this.paths.keys()].map(d=>[d,""]));a.set("lines",e);let i="";for(let{x:d,y:c,body:h,badge:p,kind:f,node:b}of t?s.boxes:[]){let m=Ls(d+h.x,c+h.y,h.width,h.height);i+=m,p&&(i+=Ls(d+p.x,c+p.y,p.width,p.height));let w=f==="node"?o.grad(b):null;if(w===null)continue;let v=zt(w,r);a.set(v,(a.get(v)??"")+m)}a.set("frames",i);let l=["lines","frames"];for(let d of[...l,...[...a.keys()].filter(c=>!l.includes(c))])this.paths.has(d)||(this.paths.set(d,j("path",{class:`gg-${d}`})),this.layer.append(this.paths.get(d))),q(this.paths.get(d),"d",a.get(d))}};function Ls(n,e,t,s){return`M${n} ${e}h${t}v${s}h${-t}z`}var Wa={ArrowUp:"ArrowLeft",ArrowLeft:"ArrowUp",ArrowDown:"ArrowRight",ArrowRight:"ArrowDown"};function Cs({boxes:n,wires:e},t,s,o,r,a){let i=a==="TB"?Wa[r]:r,l=t[o].length?e[t[o][0]].from:null,d=s[o].length?e[s[o][0]].to:null;return i==="ArrowLeft"?l:i==="ArrowRight"?d:Ua(n,o,i==="ArrowUp"?-1:1,a)??(i==="ArrowUp"?l:d)}function Ua(n,e,t,s){let[o,r]=s==="TB"?["y","x"]:["x","y"],[a,i]=s==="TB"?["height","width"]:["width","height"],l=p=>p[r]+p[i]/2,d=n[e],c=null,h=1/0;return n.forEach((p,f)=>{let b=t*(l(p)-l(d)),m=Math.max(p[o]-d[o]-d[a],d[o]-p[o]-p[a]);b<=0||b>=h||m>=0||(h=b,c=f)}),c}var Gs=300,Ka=40,zn=6e3,Va=12,Ps=12,Rs=32,Fs=2,Ds="count.leaf",Ws="count.constant",Gt=class{constructor(e){this.engine=e,this.groups=e.document.groups??[],this.units=[{key:"",kind:"root",title:"",parent:-1,children:null}],this._adopt(),this._plant(),this._untangle(),this._banded(),this._number(),this.byKey=new Map(this.units.map((t,s)=>[t.key,s]))}initial(){return this.engine.n<=Ka?this.all():new Set}all(e=zn){let t=new Set,s=this.units[0].children.length,o=[0];for(;o.length;){let r=[];for(let a of o)for(let i of this.units[a].children){if(i>=0)continue;let l=this.units[-1-i];s+l.children.length>e||(s+=l.children.length-1,t.add(l.key),r.push(-1-i))}o=r}return t}reveal(e){let t=[];for(let s=this.home[e];s>0;s=this.units[s].parent)t.push(this.units[s].key);return t.reverse()}around(e){let t=this.byKey.get(e);return t!==void 0?t>0?this.units[this.units[t].parent].key:"":this.units[this.home[Number(e.slice(1))]].key}view(e){let t=[],s=[{key:"",kind:"root",title:"",parent:-1}],o=new Int32Array(this.engine.n),r=[[0,0]];for(;r.length;){let[a,i]=r.pop();for(let l of this.units[a].children){if(l>=0){o[l]=t.length,t.push({key:`n${l}`,kind:"node",node:l,count:1,cluster:i,ports:0});continue}let d=this.units[-1-l];if(e.has(d.key)){r.push([-1-l,s.length]),s.push({key:d.key,kind:d.kind,title:d.title,parent:i});continue}for(let c=d.from;c<d.to;c++)o[this.order[c]]=t.length;t.push({...this._described(d),cluster:i,ports:0})}}return{boxes:t,clusters:s,wires:this._wires(t,o),boxOf:o}}_wires(e,t){let{start:s,args:o,n:r}=this.engine,a=[],i=new Map;for(let l=0;l<r;l++){let d=t[l],c=e[d].kind==="node";c&&(e[d].ports=s[l+1]-s[l]);for(let h=s[l];h<s[l+1];h++){let p=t[o[h]];if(p===d)continue;if(c&&e[p].kind==="node"){a.push({from:p,to:d,port:h-s[l],edge:h,count:1});continue}let f=(c?s[r]+h:p)*e.length+d,b=i.get(f);if(b){b.count++,b.edge=-1;continue}let m={from:p,to:d,port:c?h-s[l]:e[d].ports++,edge:h,count:1};i.set(f,m),a.push(m)}}return a}_described(e){return e.box??={key:e.key,kind:e.kind,nodes:this.order.subarray(e.from,e.to),count:e.to-e.from,times:e.times??1,title:e.title,lines:this._lines(e)},e.box}_lines(e){let t=e.to-e.from,s=[e.times?`${e.times} × ${lt(t/e.times,"node")}`:lt(t,"node")],o=e.children.filter(p=>p<0).map(p=>this.units[-1-p]);if(e.kind==="group"&&o.length&&o.length<=2)return s.push(o.map(p=>p.times?p.title:ae(p.title,16)).join(", ")),s;let{op:r,document:a,kind:i}=this.engine,l=new Map;for(let p=e.from;p<e.to;p++){let f=this.order[p],b=r[f]>=0?_e(a.ops[r[f]].symbol):i[f]===Fs?Ws:Ds;l.set(b,(l.get(b)??0)+1)}let d=[...l].sort((p,f)=>f[1]-p[1]||(p[0]<f[0]?-1:1)),c=(p,f)=>p===Ds||p===Ws?u(p,{n:f}):p,h=d.slice(0,3).map(([p,f])=>`${us(f)} ${ae(c(p,f),12)}`);return s.push(h.join(", ")+(d.length>3?", …":"")),s}_adopt(){let{engine:e}=this;this.groupOf=Int32Array.from(e.document.nodes.group);for(let t=e.n-1;t>=0;t--)e.kind[t]!==Fs||this.groupOf[t]>=0||e.useStart[t]===e.useStart[t+1]||(this.groupOf[t]=this.groupOf[e.owner[e.useEdges[e.useStart[t]]]])}_plant(){let{groups:e,groupOf:t,units:s}=this,o=new Int32Array(e.length);e.forEach((r,a)=>{o[a]=s.length;let i=r.parent<0?0:o[r.parent];s.push({key:`g${a}`,kind:"group",title:ae(r.name,Rs),name:r.name,parent:i})}),this.home=t.map(r=>r<0?0:o[r]),this._stack(this._signatures())}_signatures(){let{units:e,home:t,engine:s}=this,o=e.map(()=>new Map);for(let r=0;r<s.n;r++){let a=o[t[r]],i=s.op[r]<0?-s.kind[r]:s.op[r];a.set(i,(a.get(i)??0)+1)}for(let r=e.length-1;r>0;r--){let a=o[e[r].parent];for(let[i,l]of o[r])a.set(i,(a.get(i)??0)+l)}return o.map(r=>[...r].sort((a,i)=>a[0]-i[0]).map(([a,i])=>`${a}x${i}`).join(","))}_stack(e){let{units:t}=this,s=new Map;for(let i=1;i<t.length;i++){let l=t[i].name.replace(/[\s_#[(.-]*\d+[\])]?$/u,"");if(l===t[i].name||!e[i])continue;let d=`${t[i].parent}|${e[i]}|${l}`;s.has(d)||s.set(d,[]),s.get(d).push(i)}let o=new Int32Array(t.length).fill(-1),r=[...s.values()].filter(i=>i.length>1);r.forEach((i,l)=>i.forEach(d=>o[d]=l));let a=this._following(o);for(let[i,l]of r.entries()){if(l.length<=Va&&a.has(i))continue;let{name:d,parent:c}=t[l[0]],p=`${ae(d.replace(/[\s_#[(.-]*\d+[\])]?$/u,"")||d,Rs)} ×${l.length}`;for(let f of l)t[f].parent=t.length;t.push({key:`r${t[l[0]].key}`,kind:"repeat",title:p,parent:c,times:l.length})}}_following(e){let{n:t}=this.engine,{pairs:s}=this._pairs(),o=new Set;for(let r=0;r<s.length;r+=2){if(s[r]<t||s[r+1]<t)continue;let a=e[s[r]-t];a>=0&&a===e[s[r+1]-t]&&o.add(a)}return o}_untangle(){let e=new Set;for(;;){let{pairs:t,items:s}=this._pairs(),o=ps(s,t);if(!o.length)break;let r=o.filter(i=>i>=this.engine.n).map(i=>i-this.engine.n),a=r.filter(i=>this.units[i].kind==="repeat");for(let i of a.length?a:r)e.add(i);this._dissolve(e)}}_dissolve(e){let{units:t,home:s}=this,o=r=>{for(;e.has(r);)r=t[r].parent;return r};for(let r=0;r<s.length;r++)s[r]=o(s[r]);for(let r=1;r<t.length;r++)e.has(r)||(t[r].parent=o(t[r].parent));this.gone=e}_pairs(){let{units:e,home:t,engine:s}=this,{n:o}=s,r=new Int32Array(e.length).fill(-1);r[0]=0;for(let i=1;i<e.length;i++){let l=[],d=i;for(;r[d]<0;d=e[d].parent)l.push(d);for(let c=l.length-1;c>=0;c--)r[l[c]]=r[e[l[c]].parent]+1}let a=new Int32Array(2*s.edges);for(let i=0;i<s.edges;i++){let l=s.args[i],d=s.owner[i],c=t[l],h=t[d];for(;c!==h;)r[c]>=r[h]?(l=o+c,c=e[c].parent):(d=o+h,h=e[h].parent);a[2*i]=l,a[2*i+1]=d}return{pairs:a,items:o+e.length}}_banded(){let{units:e,home:t,engine:s}=this,{n:o}=s,{pairs:r,items:a}=this._pairs();this.rank=Mt(a,r);let i=e.map(()=>[]);for(let c=0;c<o;c++)i[t[c]].push(c);for(let c=1;c<e.length;c++)this.gone?.has(c)||i[e[c].parent].push(-1-c);let l=new Uint8Array(e.length);for(let c=0;c<o;c++)for(let h=t[c];h>=0&&!l[h];h=e[h].parent)l[h]=1;let d=e.length;for(let c=0;c<d;c++)e[c].children=i[c].filter(h=>h>=0||l[-1-h]);for(let c=0;c<e.length;c++)this._cut(c)}_rankOf(e){return this.rank[e>=0?e:this.engine.n-1-e]}_cut(e){let t=this.units[e];if(t.children.length<=Gs)return;let s=t.children.map(f=>this._rankOf(f)),o=1/0,r=-1/0;for(let f of s)o=Math.min(o,f),r=Math.max(r,f);let a=t.kind==="band"?t.shift:o;if(o===r){this._slices(e,o,a);return}let i=Array.from({length:r-o+1},()=>[]);t.children.forEach((f,b)=>i[s[b]-o].push(f));let l=t.children.length/Ps,d=[],c=[],h=0,p=f=>{c.length===1?d.push(c[0]):c.length&&d.push(this._band(e,c,o+h,o+f,a)),c=[]};i.forEach((f,b)=>{c.length&&c.length+f.length>1.5*l&&p(b-1),c.length||(h=b);for(let m of f)c.push(m);c.length>=l&&p(b)}),p(i.length-1),t.children=d}_slices(e,t,s){let o=this.units[e],{children:r}=o,a=Math.ceil(r.length/Math.min(Ps,Math.ceil(r.length/(Gs/3)))),i=o.slice??0,l=[];for(let d=0;d<r.length;d+=a){let c=r.slice(d,d+a);l.push(this._band(e,c,t,t,s,i+d))}o.children=l}_band(e,t,s,o,r,a=null){let{units:i}=this,l=i[e].kind==="band"?i[e].outer:i[e].key,d=s===o?re(s-r):`${re(s-r)}–${re(o-r)}`,c=a===null?"":`, ${re(a+1)}–${re(a+t.length)}`,h=`b${l}:${s}-${o}${a===null?"":`/${a}+${t.length}`}`,p=i.push({key:h,kind:"band",title:u("outline.depth",{depths:d,place:c}),parent:e,children:t,outer:l,shift:r,slice:a})-1;for(let f of t)f>=0?this.home[f]=p:i[-1-f].parent=p;return-1-p}_number(){let{units:e}=this;this.order=new Int32Array(this.engine.n);let t=0,s=[{u:0,k:0}];for(e[0].from=0;s.length;){let o=s.at(-1),r=e[o.u];if(o.k===r.children.length){r.to=t,s.pop();continue}let a=r.children[o.k++];a>=0?this.order[t++]=a:(e[-1-a].from=t,s.push({u:-1-a,k:0}))}}};var Ha=12,Za=1600,Xa=/Mac|iP/.test(globalThis.navigator?.platform??""),Vs={left:[1,0],right:[-1,0],up:[0,1],down:[0,-1]},Us=Object.keys(Vs);function Ya(n){let e=Math.min(...n.map(r=>r.x)),t=Math.min(...n.map(r=>r.y)),s=Math.max(...n.map(r=>r.x+r.width)),o=Math.max(...n.map(r=>r.y+r.height));return{x:e,y:t,width:s-e,height:o-t}}function Hs(n,e,{width:t,height:s}){return e.reduce((o,r)=>{let a=Ya([o,r]);return a.width<=t&&a.height<=s?a:o},n)}function Zs(n,{width:e,height:t}){return{k:1,x:e/2-n.x-n.width/2,y:t/2-n.y-n.height/2}}function Xs({k:n,x:e,y:t},s,o,r){return{k:n,x:Ks(e,s.width*n,0,o.width),y:Ks(t,s.height*n,r,o.height)}}function Ks(n,e,t,s){return e<=s-t?(t+s-e)/2:Math.min(t,Math.max(s-e,n))}function Ys({k:n,x:e,y:t},s,{width:o,height:r}){let[a,i]=Vs[s];return{k:n,x:e+.75*a*o,y:t+.75*i*r}}var Pt=class{constructor(e){this.more=Us.map(s=>{let o=u(`sight.${s}_label`);return T(u(`sight.${s}`),()=>e(s),{class:`gg-more gg-more-${s}`,"aria-label":o,hidden:!0})});let t=u(Xa?"sight.wheel_mac":"sight.wheel");this.told=g("p",{class:"gg-told","aria-hidden":"true",hidden:!0},t),this.elements=[...this.more,this.told]}update({k:e,x:t,y:s},o,r){let a={left:-t,right:t+o.width*e-r.width,up:-s,down:s+o.height*e-r.height};Us.forEach((i,l)=>this.more[l].hidden=a[i]<Ha)}tell(){this.told.hidden=!1,clearTimeout(this.timer),this.timer=setTimeout(()=>this.told.hidden=!0,Za)}stop(){clearTimeout(this.timer)}};var Js=450,Ie=.34,Ja=60,Qa=.8,ei=9,ti=400,ni=3,si=6,oi=1.1,Qs=12,pt=36,Mn=2,ri=1,eo=ei/ut,gt=class{static keys=[{shown:()=>"← →",text:()=>u("keys.edges")},{shown:()=>"↑ ↓",text:()=>u("keys.beside")},{shown:()=>u("shown.enter"),text:()=>u("keys.select")},{shown:()=>u("shown.backspace"),text:()=>u("keys.close_group")},{shown:()=>u("shown.drag"),text:()=>u("keys.move")},{shown:()=>u("shown.wheel"),text:()=>u("keys.zoom")}];constructor(e,t,{direction:s="auto",alone:o=!0}={}){this.session=e,this.container=t,this.outline=new Gt(e.engine),this.asked=s,this.elements=new Map,this.lines=new Map,this.agreement=new Map,this._build(o),this.unsized=!this.frame.clientWidth,this._choose(),this.off=e.on("*",(r,a)=>this._stale(a)),this.camera.resized=()=>this._resized(),this.begin()}_build(e){let t=r=>j("g",{class:r});this.layers={clusters:t("gg-clusters"),overview:j("g",{class:"gg-overview","aria-hidden":"true"}),wires:j("g",{class:"gg-wires","aria-hidden":"true"}),names:t("gg-names"),boxes:t("gg-boxes"),marks:j("g",{class:"gg-marks","aria-hidden":"true"})},this.overview=new Ct(this.layers.overview),this.world=j("g",{},...Object.values(this.layers)),this.svg=j("svg",{class:"gg-sheet",role:"application","aria-label":u("graph.label")},this.world),this.legend=j("svg",{class:"gg-legend",height:16,width:0,"aria-hidden":"true"});let s=(r,a,i)=>T(r,i,{"aria-label":a,title:a});this.turn=s("⤵",u("graph.turn"),()=>this.turnTo(this.direction==="LR"?"TB":"LR")),this.tools=g("div",{class:"gg-tools"},this.opener=s(u("graph.open"),u("graph.open_label"),()=>this.openAll()),this.closer=s(u("graph.close"),u("graph.close_label"),()=>this.closeAll()),this.turn,s("−",u("graph.zoom_out"),()=>this.zoomBy(1/1.4)),s("+",u("graph.zoom_in"),()=>this.zoomBy(1.4)),s(u("graph.fit"),u("graph.fit_label"),()=>this.fit(!0))),this.hints=new Pt(r=>this._further(r)),this.frame=g("div",{class:"gg-view"},this.svg,this.legend,this.tools,this.hints.elements),this.container.append(this.frame),this.camera=new Bt(this.frame,this.svg,this.world,{rebased:()=>this._show(),clicked:r=>this._clicked(r),alone:e,unheld:()=>this.hints.tell()}),this.camera.whole=()=>this._whole(),this.frame.addEventListener("keydown",r=>this._key(r)),this.frame.addEventListener("click",r=>r.detail===0&&this._act(r.target.closest?.("[data-key]"))),this.frame.addEventListener("focusin",r=>this._focused(r.target));let o=this.outline.units.length>1;this.opener.hidden=!o,this.closer.hidden=!o}relayout(){this.view=this.outline.view(this.opened),this.picture=ks(this.session.engine,this.view,this.direction);let{boxes:e,wires:t}=this.picture;this.placeOf=new Map(e.map((s,o)=>[s.key,o])),this.ins=e.map(()=>[]),this.outs=e.map(()=>[]),t.forEach((s,o)=>{this.ins[s.to].push(o),this.outs[s.from].push(o)});for(let s of this.ins)s.sort((o,r)=>t[o].port-t[r].port);this.elements.clear(),this.lines.clear();for(let s of Object.values(this.layers))s.replaceChildren();this.clusters=this.picture.clusters.map((s,o)=>o?Lt(s):null);for(let s of this.clusters)s&&(this.layers.clusters.append(s.frame),this.layers.names.append(s.name));this.bundle=null,this.overview.clear(),this.focus=this.placeOf.has(this.focus)?this.focus:`n${this.session.engine.root}`,this.placeOf.has(this.focus)||(this.focus=e[this.view.boxOf[this.session.engine.root]].key),this.camera.base&&this._show()}_choose(){let{asked:e}=this,t=e==="auto"?["LR","TB"]:[e],s=this.outline.initial(),o=s.size&&this.outline.units[0].children.length>=ni?[s,new Set]:[s],r=null;for(let a of o)for(let i of t){if(r&&this.picture.boxes.length>ti)break;this._lay(a,i);let{k:l}=this._fitting();if(l>=eo)return;(r===null||a===s&&l>r.k*oi)&&(r={opened:a,direction:i,k:l})}(this.opened!==r.opened||this.direction!==r.direction)&&this._lay(r.opened,r.direction)}_lay(e,t){this.opened=e,this.direction=t,this.relayout()}turnTo(e){this.direction=e,this.relayout(),this.fit()}open(e){if(this.opened.has(e)||!this.outline.byKey.has(e))return;this.opened.add(e),this._within(e),this.relayout();let t=this.picture.clusters.find(s=>s.key===e);t&&this._look(t)}_within(e){for(let t=this.outline.around(e);t;t=this.outline.around(t))this.opened.add(t)}close(e){if(!this.opened.delete(e))return;this.focus=e,this.relayout();let t=this.picture.boxes[this.placeOf.get(e)];t&&this._look(t)}openAll(){this.opened=this.outline.all(zn),this.relayout(),this.fit()}closeAll(){this.opened=new Set,this.relayout(),this.fit()}reveal(e){let t=this.outline.reveal(e).filter(s=>!this.opened.has(s));if(!t.length)return!1;for(let s of t)this.opened.add(s);return this.relayout(),!0}_size(){return{width:this.picture.width,height:this.picture.height}}fit(e=!1){this.camera.go(this._fitting(),e),this.fits="whole"}begin(){if(this._fitting().k>=eo)this.fit();else{let{node:e}=this.session.shown.last??this.session.engine.steps[0],{boxes:t,wires:s}=this.picture,o=this.view.boxOf[e],[r,...a]=[...this.ins[o].map(h=>s[h].from),o].map(h=>t[h]),{width:i,height:l}=this.camera,d={width:i-2*Qs,height:l-pt-2*Qs},c=Hs(r,[t[o],...a,...t],d);this.camera.go(this._clamped(Zs(c,{width:i,height:l+pt})))}this.fits="first"}_resized(){this.fits==="whole"&&this.fit(),this.fits==="first"&&(this.unsized&&this._choose(),this.unsized=!1,this.begin())}_further(e){this.fits=null,this.camera.go(this._clamped(Ys(this.camera.now,e,this.camera)),!0)}_clamped(e){return Xs(e,this.picture,this.camera,pt)}_fitting(){let{width:e,height:t}=this.camera,s=yn({x:0,y:0,...this._size()},{width:e,height:t-pt});return{...s,y:s.y+pt}}zoomBy(e){this.fits=null,this.camera.zoomBy(e)}panBy(e,t){this.fits=null,this.camera.panBy(e,t)}center(e){let t=this.reveal(e),s=this.picture.boxes[this.view.boxOf[e]];if(this.focus=s.key,!t&&this.camera.now.k>=Ie&&this.camera.holds(s)){this.refresh();return}this._middle(s,Math.max(this.camera.now.k,Qa),!t)}_middle(e,t,s=!0){let{width:o,height:r}=this.camera;this.fits=null;let a=o/2-t*(e.x+e.width/2),i=r/2-t*(e.y+e.height/2);this.camera.go(this._clamped({k:t,x:a,y:i}),s)}_look(e){if(this._fitting().k>=.6){this.fit();return}let t=yn(e,this.camera,Math.max(this.camera.now.k,.6),24);t.k<.45&&this.picture.boxes.length<=300&&(t.k=Math.max(t.k,Math.min(.45,t.k*2))),this.fits=null,this.camera.go(t)}_whole(){let[e,t,s,o]=this.camera.region;return e<=0&&t<=0&&s>=this.picture.width&&o>=this.picture.height}_show(){let{boxes:e,wires:t}=this.picture,[s,o,r,a]=this.camera.region,i=(c,h,p,f)=>c<=r&&p>=s&&h<=a&&f>=o,l=[];e.forEach((c,h)=>{i(c.x-10,c.y-10,c.x+c.width+10,c.y+c.height+10)&&l.push(h)}),this.far=l.length>Js;let{k:d}=this.camera.base;q(this.world,"class",d<Ie&&(l.length>Ja||d<Ie/2)?"gg-far":null),this.wanted=new Set(this.far?[]:l),this.wires=new Map,this.far||t.forEach((c,h)=>{let p=xs(c,this.camera.region);p&&this.wires.set(h,p)}),this.hints.update(this.camera.now,this.picture,this.camera),this.bundled=null,this.far?this.bundled=this.bundle??=t.map(c=>He(c,this.picture.at)).join(""):this.wires.size>2*Js&&(this.bundled=[...this.wires].map(([c,h])=>He(t[c],this.picture.at,...h)).join(""),this.wires.clear()),this.refresh()}refresh(){if(!this.camera.base)return;let{session:e}=this;this._scale(),this._work(),this._follow();let t=new Set([this.placeOf.get(this.focus),...this.working]);e.selected!==null&&t.add(this.view.boxOf[e.selected]),e.mistake?.first!=null&&t.add(this.view.boxOf[e.mistake.first]),this._keep(this.elements,new Set([...this.wanted,...t]),this.layers.boxes,o=>this._newBox(o)),this._keep(this.lines,this.wires,this.layers.wires,o=>Nt(this.picture.wires[o],""));for(let[o,r]of this.elements)ct(r,e,this.picture.boxes[o],this._state(o));let s=e.selected===null?-1:this.view.boxOf[e.selected];for(let[o,r]of this.lines){let a=this.picture.wires[o],[i,l]=this.wires.get(o);(r.first!==i||r.last!==l)&&(Object.assign(r,{first:i,last:l}),r.line.setAttribute("d",He(a,this.picture.at,i,l))),Ot(r,e,a,a.from===s||a.to===s?"gg-near":"")}this.overview.show(this),I(this.layers.marks,Bs(this)),this._legend(),this._check()}_newBox(e){let t=Tt(this.session,this.picture.boxes[e]);return this.picture.boxes[e].key===this.focus&&t.group.setAttribute("tabindex",0),t}_keep(e,t,s,o){for(let[r,a]of e)t.has(r)||(a.group.remove(),e.delete(r));for(let r of t.keys()){if(r===void 0||e.has(r))continue;let a=o(r);e.set(r,a),s.append(a.group)}}_scale(){this.largest=0;for(let e of this.picture.boxes){if(e.kind!=="node")continue;let t=this.session.grad(e.node);t!==null&&Number.isFinite(t)&&(this.largest=Math.max(this.largest,Math.abs(t)))}}_work(){let{session:e}=this,t=e.complete&&!e.playing?null:e.shown.last;if(this.change=t&&!e.mistake?e.engine.change(e.t):null,this.working=new Set,!!this.change){this.working.add(this.view.boxOf[this.change.node]);for(let{id:s}of this.change.operands)this.working.add(this.view.boxOf[s])}}_follow(){let{session:e}=this;if(e.t===this.at)return;let t=this.at===void 0;if(this.at=e.t,t||!this.change||this.camera.pointers.size)return;let s=this.picture.boxes[this.view.boxOf[this.change.node]];this.camera.holds(s)||queueMicrotask(()=>this._middle(s,this.camera.now.k))}_state(e){let t=this.picture.boxes[e],{session:s}=this;if(t.kind!=="node")return this._unitState(e,t);let o=t.node,{kind:r,roots:a}=s.engine,i=s.value(o),l=s.grad(o),d=l!==null&&!Number.isFinite(l)||i!==null&&!Number.isFinite(i),c=[];return r[o]===ri&&c.push("gg-leaf"),a.includes(o)&&c.push("gg-root"),i===null&&c.push("gg-unknown"),s.note(o)&&c.push("gg-stale"),d&&c.push("gg-nonfinite"),s.mistake?.first===o&&c.push("gg-wrong"),s.selected===o&&c.push("gg-selected"),this.change?.node===o&&c.push("gg-work"),{classes:c.join(" "),value:i,grad:l,bad:d,hidden:s.hidden(o),shade:r[o]===Mn||l===null?"none":zt(l,this.largest),agreement:l===null?null:this.agreement.get(o)??null}}_unitState(e,t){let{session:s}=this,{complete:o,mistake:r,shown:a,engine:i}=s,l=r?.grad??(o?s.recorded?.grad??i.grad:a.grads),d=r?.value??s.recorded?.value??i.value,c=!1,h=0,p=s.t>i.seedAt;for(let b of t.nodes){let m=i.kind[b]===Mn||!i.below[b];(p?a.seen[b]>0||m:a.known[b])&&h++,!c&&a.known[b]&&!Number.isFinite(d[b])&&(c=!0),!c&&(o||a.seen[b])&&i.kind[b]!==Mn&&!Number.isFinite(l[b])&&(c=!0)}let f=[];return c&&f.push("gg-nonfinite"),t.nodes.some(b=>s.note(b))&&f.push("gg-stale"),s.selected!==null&&this.view.boxOf[s.selected]===e&&f.push("gg-holds"),r?.first!=null&&this.view.boxOf[r.first]===e&&f.push("gg-wrong"),this.change&&this.view.boxOf[this.change.node]===e&&f.push("gg-work"),{classes:f.join(" "),bad:c,done:o?null:Math.round(100*h/t.count)/100}}_legend(){if(this.largest===this.scaled)return;this.scaled=this.largest;let{width:e,parts:t}=Is(this.largest);I(this.legend,t),q(this.legend,"width",e)}_stale(e){e!=="document"&&((e==="values"||e==="bug"||e==="frame")&&(this.checked=new Set),this.checked??=new Set)}_check(){if(this.checked??=new Set,!this.session.complete){this.agreement.clear(),this.checked.clear();return}if(this.checking||this.far||this.camera.base.k<Ie||!this._unchecked())return;let e=globalThis.requestIdleCallback??(t=>setTimeout(t,30));this.checking=e(()=>this._checkSome(),{timeout:500})}_unchecked(){for(let[e]of this.elements){let{kind:t,node:s}=this.picture.boxes[e];if(t==="node"&&!this.checked.has(s)&&this.session.grad(s)!==null)return this.picture.boxes[e]}return null}_checkSome(){if(this.checking=null,!this.session.complete||!this.camera.base)return;let e=performance.now()+si;for(let t=this._unchecked();t;t=performance.now()<e?this._unchecked():null){let s=this.session.agrees(t.node);this.checked.add(t.node),this.agreement.set(t.node,s===null?"unknown":s?"yes":"no");let o=this.placeOf.get(t.key);ct(this.elements.get(o),this.session,t,this._state(o))}this._check()}_clicked(e){let[t,s]=this.camera.point(e.clientX,e.clientY),o=i=>t>=i.x&&s>=i.y&&t<=i.x+i.width&&s<=i.y+i.height,r=this.picture.boxes.findIndex(o);if(r>=0){this._use(this.picture.boxes[r].key);return}let a=this.picture.clusters.find((i,l)=>l&&o({x:i.x,y:i.y,width:xn(i)+8,height:24})&&this.camera.now.k>=Ie);a?this.close(a.key):this.session.select(null)}_act(e){e&&this._use(e.dataset.key)}_use(e){let t=this.placeOf.get(e);if(t===void 0){this.close(e);return}let s=this.picture.boxes[t];if(this._roam(t),s.kind==="node")this.session.select(s.node),this.refresh();else{let o=this._hasFocus();this.open(e),o&&this._focusBox(this.view.boxOf[s.nodes[s.nodes.length-1]])}}_hasFocus(){let e=this.frame.getRootNode().activeElement;return e!==null&&this.svg.contains(e)}_key(e){if(e.ctrlKey||e.metaKey||e.altKey)return;let t=e.target.closest?.(".gg-box, .gg-cluster-name");if(!t)return;let{key:s}=t.dataset,o=this.placeOf.get(s),r=!0;if(e.key==="Enter"||e.key===" ")this._use(s),o===void 0&&this._focusBox(this.placeOf.get(this.focus));else if(e.key==="Backspace"){let a=this.outline.around(s);a&&(this.close(a),this._focusBox(this.placeOf.get(a)??this.placeOf.get(this.focus)))}else if(e.key.startsWith("Arrow")&&o!==void 0){let a=Cs(this.picture,this.ins,this.outs,o,e.key,this.direction);a!==null&&this._focusBox(a)}else r=!1;r&&(e.preventDefault(),e.stopPropagation())}_focused(e){let t=e.closest?.(".gg-box");t&&this.placeOf.has(t.dataset.key)&&this._roam(this.placeOf.get(t.dataset.key))}_roam(e){this.elements.get(this.placeOf.get(this.focus))?.group.setAttribute("tabindex",-1),this.focus=this.picture.boxes[e].key,this.elements.get(e)?.group.setAttribute("tabindex",0)}_focusBox(e){if(e===void 0)return;this._roam(e);let t=this.picture.boxes[e];!this.camera.holds(t)||this.camera.now.k<Ie?this._middle(t,Math.max(this.camera.now.k,Ie*1.5),!1):this.refresh(),this.elements.get(e)?.group.focus({preventScroll:!0,focusVisible:!0})}svgText(){return ht(this)}destroy(){this.off(),this.hints.stop(),(globalThis.cancelIdleCallback??clearTimeout)(this.checking),this.camera.destroy(),this.frame.remove()}};var An=5421010862427522e-35;function qn(n){if(n!==n)return n;if(Math.abs(n)===1/0||no(n))return 1/0;if(n===1||n===2)return 0;if(Math.abs(n)<An)return-Math.log(Math.abs(n));let[e,t]=so(n);return jn(s=>e>0n?ao(e,t,s):ui(e,t,s))}function $n(n){return Dt(0,n)}function Dt(n,e){if(!Number.isInteger(n)||n<0||n>100||e!==e||e===-1/0)return NaN;let t=n%2===1,s=t?1:-1;if(e===1/0)return n===0?1/0:s*0;if(e===0)return t?1/0:-1/e;if(no(e))return t?1/0:NaN;let[o,r]=so(e);if(Math.abs(e)<An)return Rt(BigInt(s)*(fe(n)<<r*BigInt(n+1)),o**BigInt(n+1));if(n>0&&e>n/An)return Rt(BigInt(s)*(fe(n-1)<<r*BigInt(n)),o**BigInt(n));if(o<0n)return jn(i=>ci(n,o,r,i));if(n===0)return jn(i=>Sn(0,o,r,i));let a=n*Math.max(0,Ce(o)-Number(r));return Rt(Sn(n,o,r,96,a),1n<<BigInt(96+a))}function no(n){return n<=0&&n===Math.floor(n)}function jn(n){for(let e=80;;e*=2){let t=n(e+16);if(Ce(t)>=76||e>=1200)return Rt(t,1n<<BigInt(e+16))}}function Rt(n,e){let t=70-Ce(n)+Ce(e),s=Number(t>0?(n<<BigInt(t))/e:n/(e<<BigInt(-t))),o=Math.trunc(t/2);return s*2**-o*2**(o-t)}function so(n){to.setFloat64(0,n);let e=to.getBigUint64(0),t=Number(e>>52n&0x7ffn),s=e&0xfffffffffffffn,o=t?s|0x10000000000000n:s,r=t?1075-t:1074;if(r<=0)return[n<0?-(o<<BigInt(-r)):o<<BigInt(-r),0n];let a=Math.min(r,Ce(o&-o)-1);return o>>=BigInt(a),r-=a,[n<0?-o:o,BigInt(r)]}var to=new DataView(new ArrayBuffer(8));function Ce(n){if(n===0n)return 0;let e=(n<0n?-n:n).toString(16);return 4*e.length-Math.clz32(parseInt(e[0],16))+28}function oo(n,e,t){return n<<t>>e}function En(n,e,t){let s=0n;for(let o=n.length-1;o>=0;o--)s=n[o]+(s*e>>t);return s}function ro(n,e,t){let s=e>>t;return s<BigInt(n)?n-Number(s):0}function ao(n,e,t){let s=BigInt(t),o=1n<<e,r=ro(Wt(t,0),n,e),a=1n;for(let h=0;h<r;h++)a*=n,n+=o;let i=(1n<<s+e)/n,l=En(ai(t),i*i>>s,s)*i>>s,c=((2n*n-o)*Qe(n,e,t)>>e+1n)-oo(n,e,s)+mi(t)+l;return r?c-Qe(a,e*BigInt(r),t):c}function Sn(n,e,t,s,o=0){let r=BigInt(s),a=r+BigInt(o),i=BigInt(n+1),l=1n<<t,d=fe(n)<<a+t*i,c=0n;for(let b=ro(Wt(s,n),e,t);b>0;b--)c+=d/e**i,e+=l;let h=(1n<<r+t)/e,p=En(ii(n,s),h*h>>r,r);if(p=(p*h>>r)+(fe(n)<<r-1n),n===0)return Qe(e,t,s)-(p*h>>r)-c;let f=((p<<t)+(fe(n-1)*e<<r))/e;return f=(f<<t*BigInt(n)+a-r)/e**BigInt(n)+c,n%2?f:-f}function Wt(n,e){return Math.floor(n/5)+e}var ai=ce(n=>io(e=>[1n,2n*e*(2n*e-1n)],Wt(n,0),n,1n)),ii=ce((n,e)=>io(t=>[fe(2*Number(t)+n-1),fe(2*Number(t))],Wt(e,n),e,fe(Math.max(0,n-1))));function io(n,e,t,s){let o=[];for(let a=1,i=null;i===null||(i<0n?-i:i)>=r(a-1);a++){let[l,d]=li(a),[c,h]=n(BigInt(a));i=(l*c<<BigInt(t))/(d*h),o.push(i)}return o;function r(a){return s*BigInt(e)**BigInt(2*a-1)}}var li=ce(n=>{let e=2**Math.ceil(Math.log2(n)),t=4n**BigInt(n);return[(n%2?2n:-2n)*BigInt(n)*di(e)[n-1],t*(t-1n)]}),di=ce(n=>{let e=[];for(let t=0;t<n;t++)e.push(fe(t));for(let t=1;t<n;t++)for(let s=t;s<n;s++)e[s]=BigInt(s-t)*e[s-1]+BigInt(s-t+2)*e[s];return e});function ui(n,e,t){let s=lo(n,e),[,o]=uo(s,e,t);return-(Qe(s<0n?-s:s,e,t)+Qe(o,BigInt(t),t))-ao((1n<<e)-n,e,t)}function ci(n,e,t,s){let o=hi(n),r=o.reduce((k,_)=>k+(_<0n?-_:_),0n),a=Ce(r)+2*n,i=s+a,l=BigInt(i),d=lo(e,t),[c,h]=uo(d,t,i),p=(c<<t+l)/(h*d),f=p*p>>l,b=Tn(i)**2n>>l,m=0n,w=1n<<l;for(let k of o)m=(m*f>>l)+k*w,w=w*b>>l;n%2===0&&(m=m*p>>l);let v=Sn(n,(1n<<t)-e,t,i);return(n%2?-v:v)-m>>BigInt(a)}var hi=ce(n=>{let e=[1n];for(let t=0;t<n;t++){let s=new Array(e.length+1).fill(0n);e.forEach((o,r)=>{let a=BigInt(t+1-2*r);s[r]-=a*o,s[r+1]-=a*o}),e=t%2===0?s:s.slice(0,-1)}return e});function lo(n,e){let t=1n<<e-1n;return(n+t&(1n<<e)-1n)-t}function uo(n,e,t){let s=BigInt(t),o=Tn(t)*(n<0n?-n:n)>>e,r=o*o>>s,a=1n<<s,i=a,l=a;for(let d=2n;a;d+=2n)a=-(a*r>>s)/(d*(d-1n)),i+=a,l+=a/(d+1n);return[i,l]}function Qe(n,e,t){let s=BigInt(t),o=BigInt(Ce(n)-1),r=oo(n,o,s),a=(r>>s-5n)-32n,i=2n*a+65n<<s-6n,l=(r-i<<s)/(r+i),d=En(pi(t),l*l>>s,s);return(o-e)*fi(t)+gi(t)[Number(a)]+(2n*l*d>>s)}var pi=ce(n=>Array.from({length:Math.floor(n/14)+2},(e,t)=>(1n<<BigInt(n))/BigInt(2*t+1))),gi=ce(n=>Array.from({length:32},(e,t)=>2n*Ft(BigInt(2*t+1),BigInt(2*t+129),n,1n))),fi=ce(n=>2n*Ft(1n,3n,n,1n)),Tn=ce(n=>16n*Ft(1n,5n,n,-1n)-4n*Ft(1n,239n,n,-1n)),mi=ce(n=>Qe(2n*Tn(n),BigInt(n),n)/2n),fe=ce(n=>n<2?1n:BigInt(n)*fe(n-1));function Ft(n,e,t,s){let o=BigInt(t+16),r=(n<<o)/e,a=0n;for(let i=1n;r;i+=2n)a+=r/i,r=s*r*n*n/(e*e);return a>>BigInt(16)}function ce(n){let e=new Map;return(...t)=>{let s=t.length===1?t[0]:t.join();return e.has(s)||e.set(s,n(...t)),e.get(s)}}var bi=1024;function Nn(n,e){let t=Math.abs(n);if(n===1||t===1&&Math.abs(e)===1/0)return 1;if(Math.abs(e)<bi||!(Math.abs(e)<2**31)||!Number.isInteger(e)||!(0<t&&t<1/0))return Math.pow(n,e);let s=Math.sign(e)/2,o=Math.pow(t,e-s)*Math.pow(t,s);return n<0&&e%2!==0?-o:o}function co(n,e){let t=n%e;return t===0?e<0?-0:0:t<0==e<0?t:t+e}function ho(n,e){if(e===0)return n/e;let t=n%e,s=t!==0&&t<0!=e<0?1:0,o=(n-t)/e-s;if(o===0)return 0*(n/e);let r=Math.floor(o);return o-r>.5?r+1:r}var On=2/Math.sqrt(Math.PI),Ae=1,et=100;function ft(n){let e=Math.abs(n);return e<Ae?n*(On*wi(n)):n<0?Ut(e)-1:1-Ut(e)}function po(n){return n<-Ae?2-Ut(-n):n<Ae?1-ft(n):Ut(n)}function wi(n){let e=n*n,t=1,s=1;for(let o=1;t>1e-17*s;o++)t*=e/(o+.5),s+=t;return Math.exp(-e)*s}function Ut(n){if(!(n<28))return n===n?0:n;let e=Math.fround(n);return Math.exp(et-e*e)*Math.exp((e-n)*(e+n))/go(n)*(On/2)*Math.exp(-et)}function go(n){let e=n;for(let t=Math.ceil(20+200/(n*n));t>0;t--)e=n+.5*t/e;return e}function Kt(n){if(n>=Ae)return On/2/go(n);if(n<-27)return 1/0;let e=Math.fround(n),t=Math.exp(e*e)*Math.exp((n-e)*(n+e));return n<-Ae?2*t-Kt(-n):t*(1-ft(n))}var Ln=38.75;function tt(n){if(!(Math.abs(n)<Ln))return n===n?0:n;let e=Math.fround(n);return Math.exp(et-e*e/2)*Math.exp((e-n)*(e+n)/2)/Math.sqrt(2*Math.PI)*Math.exp(-et)}function Vt(n){return n<-Ae?tt(n)*Bn(-n):.5+.5*ft(n*Math.SQRT1_2)}function fo(n){return n<=-Ln?-0:n<-Ae?tt(n)*(n*Bn(-n)):n*Vt(n)}function mo(n){if(!(Math.abs(n)<Ln))return n===n?n>0?1:-0:n;let e=Math.abs(n),t=e<Ae?Vt(-e)-e*tt(e):tt(e)*(Bn(e)-e);return n>0?1-t:t}function bo(n){if(!(Math.abs(n)<28))return n===n?0:n;let e=Math.fround(n);return Math.exp(et-e*e)*Math.exp((e-n)*(e+n))*Math.exp(-et)}function Bn(n){return Math.sqrt(Math.PI/2)*Kt(n*Math.SQRT1_2)}function wo(n,e){if(n===e)return 1;let t=n-e,s=Math.exp(t);if(!(s>0&&s<1/0))return s;let o=t-n;return s+s*(n-(t-o)-(e+o))}function vo(n){if(!(Math.abs(n)<800))return n===n?n>0?1:-0:n;let e=Math.abs(n),t=Math.exp(-e),s=Math.exp(-e/2),o=s*((1-e+t)/((1+t)*(1+t)))*s;return n>0?1-o:o}function ko(n){if(!(n<0))return n/(1+Math.exp(-n));let e=Math.exp(n/2);return n<-800?-0:n*e*e/(1+e*e)}var In={add:(n,e)=>n+e,sub:(n,e)=>n-e,mul:(n,e)=>n*e,div:(n,e)=>n/e,neg:n=>-n,pow:(n,e)=>Nn(n,e),mod:(n,e)=>co(n,e),floordiv:(n,e)=>ho(n,e),identity:n=>n,detach:n=>n,exp:n=>Math.exp(n),exp_sub:(n,e)=>wo(n,e),expm1:n=>Math.expm1(n),exp2:n=>Nn(2,n),log:n=>Math.log(n),log1p:n=>Math.log1p(n),log2:n=>Math.log2(n),log10:n=>Math.log10(n),sqrt:n=>Math.sqrt(n),cbrt:n=>Math.cbrt(n),square:n=>n*n,sin:n=>Math.sin(n),cos:n=>Math.cos(n),tan:n=>Math.tan(n),asin:n=>Math.asin(n),acos:n=>Math.acos(n),atan:n=>Math.atan(n),atan2:(n,e)=>Math.atan2(n,e),sinh:n=>Math.sinh(n),cosh:n=>Math.cosh(n),tanh:n=>Math.tanh(n),asinh:n=>Math.asinh(n),acosh:n=>Math.acosh(n),atanh:n=>Math.atanh(n),exp_neg_square:n=>bo(n),erf:n=>ft(n),erfc:n=>po(n),erfcx:n=>Kt(n),norm_pdf:n=>tt(n),norm_cdf:n=>Vt(n),gelu:n=>fo(n),gelu_slope:n=>mo(n),silu:n=>ko(n),silu_slope:n=>vo(n),lgamma:n=>qn(n),digamma:n=>$n(n),polygamma:(n,e)=>Dt(n,e),where:(n,e,t)=>n!==0?e:t,abs:n=>Math.abs(n),abs_slope:n=>Math.sign(n),relu:n=>n<=0?0:n,maximum:(n,e)=>n>=e||n!==n?n:e,minimum:(n,e)=>n<=e||n!==n?n:e,sign:n=>Math.sign(n),floor:n=>Math.floor(n),ceil:n=>Math.ceil(n),hypot:(n,e)=>Math.hypot(n,e),less:(n,e)=>n<e?1:0,less_equal:(n,e)=>n<=e?1:0,greater:(n,e)=>n>e?1:0,greater_equal:(n,e)=>n>=e?1:0,equal:(n,e)=>n===e?1:0,not_equal:(n,e)=>n!==e?1:0};var vi="glassgrad-document",xo=1,Ge=0,he=1,ee=2,Cn=2**-52,yo=Math.cbrt(Cn),ki=30*Cn**(2/3),xi=1e-12;function X(n){return typeof n=="number"?n:n==="inf"?1/0:n==="-inf"?-1/0:NaN}var nt=class{constructor(e){if(e?.format!==vi)throw new TypeError(u("document.none"));if(e.version!==xo)throw new TypeError(u("document.version",{found:e.version,known:xo}));let t=e.nodes;this.document=e,this.n=t.op.length,this.root=e.root,this.roots=e.roots??[e.root],this.op=Int32Array.from(t.op),this.kind=Int8Array.from(t.kind),this.start=Int32Array.from(t.start),this.args=Int32Array.from(t.args),this.rule=Int32Array.from(t.rule),this.edges=this.args.length,this.value=Float64Array.from(t.value,X),this.grad=new Float64Array(this.n),this.slope=new Float64Array(this.edges).fill(NaN);for(let[s,o]of Object.entries(e.slopes??{}))this.slope[s]=X(o);this.rules=e.rules.map(_o),this.functions=e.ops.map(s=>s.live?s.tape?_i(s.tape):In[s.name]:void 0),this.selects=e.ops.map(s=>s.selects),this.passes=e.ops.map(s=>s.name!=="detach"),this.python=Float64Array.from(t.grad,s=>s===null?NaN:X(s)),this.original=this.value.slice(),this.stale=new Uint8Array(this.n),this._connect(),this._order(),this.update()}_connect(){let{n:e,start:t,args:s,edges:o}=this;this.owner=new Int32Array(o),this.useStart=new Int32Array(e+1),this.stuck=new Uint8Array(e);for(let a=0;a<e;a++){let i=this.op[a];i>=0&&(!this.functions[i]||this.start[a+1]===this.start[a])&&(this.stuck[a]=1);for(let l=t[a];l<t[a+1];l++)this.owner[l]=a,this.useStart[s[l]+1]++}for(let a=0;a<e;a++)this.useStart[a+1]+=this.useStart[a];let r=this.useStart.slice();this.useEdges=new Int32Array(o);for(let a=0;a<o;a++)this.useEdges[r[s[a]]++]=a}_order(){this.computed=[];for(let e=0;e<this.n;e++)this.kind[e]===Ge&&this.computed.push(e);this.below=new Uint8Array(this.n),this.below[this.root]=1;for(let e=this.root;e>=0;e--)if(this.below[e])for(let t of this.operands(e))this.below[t]=1;this.back=this.computed.filter(e=>this.below[e]).reverse(),this.steps=this.computed.map(e=>({phase:"forward",node:e})),this.steps.push({phase:"seed",node:this.root});for(let e of this.back)this.steps.push({phase:"backward",node:e});this.seedAt=this.computed.length}operation(e){return this.op[e]<0?null:this.document.ops[this.op[e]]}operands(e){return Array.from(this.args.subarray(this.start[e],this.start[e+1]))}users(e){return Array.from(this.useEdges.subarray(this.useStart[e],this.useStart[e+1]),t=>({node:this.owner[t],edge:t}))}label(e){return this.document.strings[this.document.nodes.label[e]]??""}title(e){let t=this.label(e);return t||(this.kind[e]===ee?String(this.value[e]).replace("-","−"):`v${e}`)}source(e){let t=this.document.nodes.source[e];return t<0?"":this.document.strings[t]}frozen(e){return this.stuck[e]===1}setValue(e,t){this.setValues([[e,t]])}setValues(e){for(let[t,s]of e){if(this.kind[t]!==he)throw new TypeError(`node ${this.title(t)} is computed: move a leaf`);this.value[t]=s}this.update()}reset(){this.value.set(this.original),this.update()}update(){this._moved=null,this.forward(this.value),this.slopes(this.value,this.slope),this.backward(this.slope,this.grad),this._age()}load(e,t={}){this.value.set(e);for(let[s,o]of Object.entries(t))this.slope[s]=X(o);this.update(),this.original.set(this.value),this._moved=null,this.stale.fill(0)}get moved(){return this._moved??=this.value.some((e,t)=>this.kind[t]===he&&!Object.is(e,this.original[t])),this._moved}_age(){if(!this.stuck.includes(1))return;let e=new Uint8Array(this.n);for(let t=0;t<this.n;t++){this.stale[t]=0,this.kind[t]===he&&(e[t]=Object.is(this.value[t],this.original[t])?0:1);for(let s=this.start[t];s<this.start[t+1];s++)e[this.args[s]]&&(e[t]=1),this.stale[this.args[s]]&&(this.stale[t]=1);this.stuck[t]&&e[t]&&(this.stale[t]=1)}}forward(e,t=null){for(let s of this.computed)t?.has(s)?e[s]=t.get(s):this.stuck[s]||(e[s]=this.apply(s,e));return e}apply(e,t){let s=this.functions[this.op[e]],o=this.start[e],r=this.start[e+1]-o;return r===1?s(t[this.args[o]]):r===2?s(t[this.args[o]],t[this.args[o+1]]):s(...this.operands(e).map(a=>t[a]))}slopes(e,t){for(let s=0;s<this.edges;s++){let o=this.rule[s];if(o<0)continue;let r=this.owner[s];t[s]=this.rules[o](e,r,this.args,this.start[r])}return t}backward(e,t){t.fill(0),t[this.root]=1;for(let s of this.back)this.send(s,e,t);return t}send(e,t,s,o=null,r=!1){for(let a=this.start[e];a<this.start[e+1];a++){let i=this.args[a];if(this.kind[i]===ee||!this.sends(e,t[a]))continue;let l=s[e]*t[a];s[i]=r?l:s[i]+l,o&&o[i]++}}sends(e,t){return!(t===0&&this.selects[this.op[e]])}at(e){let t=new Uint8Array(this.n),s=new Float64Array(this.n),o=new Int32Array(this.n);for(let r=0;r<this.n;r++)this.kind[r]!==Ge&&(t[r]=1);for(let r=0;r<Math.min(e,this.seedAt);r++)t[this.steps[r].node]=1;if(e>this.seedAt){s[this.root]=1,o[this.root]=1;for(let r=this.seedAt+1;r<e;r++)this.send(this.steps[r].node,this.slope,s,o)}return{t:e,known:t,grads:s,seen:o,last:e>0?this.steps[e-1]:null}}change(e){if(e<=0)return null;let{phase:t,node:s}=this.steps[e-1],o={phase:t,node:s,value:this.value[s],operands:[]},r=t==="backward"?this.at(e-1).grads:null;if(r&&(o.grad=r[s]),t==="seed")return{...o,grad:1};let a=r?.slice();for(let i=this.start[s];i<this.start[s+1];i++){let l=this.args[i],d={id:l,edge:i,value:this.value[l],slope:this.slope[i],constant:this.kind[l]===ee};a&&(d.sent=!d.constant&&this.sends(s,d.slope),d.before=a[l],d.amount=d.sent?a[s]*d.slope:0,a[l]+=d.amount,d.after=a[l]),o.operands.push(d)}return o}contributions(e){return this.users(e).filter(({node:t})=>this.below[t]).map(({node:t,edge:s})=>{let o=this.kind[e]!==ee&&this.sends(t,this.slope[s]),r=o?this.grad[t]*this.slope[s]:0;return{edge:s,node:t,slope:this.slope[s],upstream:this.grad[t],amount:r,sent:o}}).sort((t,s)=>s.node-t.node||t.edge-s.edge)}stepOf(e,t="backward"){return this.kind[e]===Ge?(this._place??=new Map(this.computed.map((o,r)=>[o,r+1])),this._sent??=new Map(this.back.map((o,r)=>[o,this.seedAt+r+2])),t==="backward"&&this._sent.get(e)||this._place.get(e)):t==="forward"?0:this.users(e).map(({node:o})=>this.stepOf(o)).reduce((o,r)=>Math.max(o,r),this.seedAt+1)}findBreak(e,{nonfinite:t=!1,bound:s=null,second:o=!1}){let r=this.at(Math.max(e,this.seedAt)),a=(i,l)=>{let d=r.grads[l];return t&&!Number.isFinite(d)?{t:i,node:l,why:Number.isNaN(d)?"nan":"infinite"}:s!==null&&Math.abs(d)>s?{t:i,node:l,why:"bound"}:o&&r.seen[l]===2?{t:i,node:l,why:"second"}:null};for(let i=Math.max(e,this.seedAt);i<this.steps.length;i++){let{phase:l,node:d}=this.steps[i];if(l==="seed"){r.grads[d]=1,r.seen[d]=1;let h=a(i+1,d);if(h)return h;continue}let c=this.operands(d).map(h=>r.seen[h]);this.send(d,this.slope,r.grads,r.seen);for(let[h,p]of this.operands(d).entries()){if(r.seen[p]===c[h])continue;let f=o&&c[h]<2&&r.seen[p]>=2,b=a(i+1,p)??(f?{t:i+1,node:p,why:"second"}:null);if(b)return b}}return null}rootWith(e,t){if(e===this.root)return t;let s=this._scratch??=new Float64Array(this.n),o=this._dirty??=new Uint8Array(this.n);o.fill(0),s.set(this.value),s[e]=t,o[e]=1;for(let r=e+1;r<this.n;r++)if(!(this.kind[r]!==Ge||!this.passes[this.op[r]])){for(let a=this.start[r];a<this.start[r+1];a++)if(o[this.args[a]]){o[r]=1;break}if(o[r]){if(this.stuck[r])return NaN;s[r]=this.apply(r,s)}}return s[this.root]}difference(e){let t=yo*Math.max(1,Math.abs(this.value[e])),s=this.value[e]+t,o=this.value[e]-t;return(this.rootWith(e,s)-this.rootWith(e,o))/(s-o)}agrees(e,t=this.grad[e]){let s=this.value[e],o=this.value[this.root];if(this.kind[e]===ee||!Number.isFinite(s)||!Number.isFinite(o)||this.stale[this.root])return null;let r=yo*Math.max(1,Math.abs(s)),a=this.rootWith(e,s+r),i=this.rootWith(e,s-r),l=(a-i)/(s+r-(s-r));if(!Number.isFinite(l))return null;if(!Number.isFinite(t))return!1;let d=Math.max(1,Math.abs(l),Math.abs(t)),c=8*Cn*Math.max(Math.abs(a),Math.abs(i))/r,h=Math.abs(a-2*o+i)/r;return Math.abs(t-l)<=100*ki*d+c?!0:Math.abs(t-l)<=h?null:!1}nudge(e,t){let s=this.rootWith(e,this.value[e]+t);return{predicted:this.grad[e]*t,actual:s-this.value[this.root],after:s}}paths(e,t=200){let s=new Array(this.n).fill(0n);s[this.root]=1n;for(let i of this.back)if(s[i]!==0n)for(let l=this.start[i];l<this.start[i+1];l++)this.sends(i,this.slope[l])&&(s[this.args[l]]+=s[i]);let o=s[e];if(o>BigInt(t))return{count:o,paths:null,sum:this.grad[e]};let r=[],a=o?[{node:e,edge:-1,before:null,product:1}]:[];for(;a.length;){let i=a.pop();if(i.node===this.root){r.push(yi(i));continue}for(let l of this.users(i.node).reverse())s[l.node]===0n||!this.sends(l.node,this.slope[l.edge])||a.push({...l,before:i,product:i.product*this.slope[l.edge]})}return{count:o,paths:r,sum:r.reduce((i,l)=>i+l.product,0)}}};function yi(n){let e=[],t=[];for(let s=n;s!==null;s=s.before)e.push(s.node),s.before!==null&&t.push(s.edge);return{nodes:e.reverse(),edges:t.reverse(),product:n.product}}function _o({arity:n,constants:e,code:t,out:s}){let o=n+1;if(s>=o&&s<o+e.length){let d=X(e[s-o]);return()=>d}if(s<o&&s>0)return(d,c,h,p)=>d[h[p+s-1]];if(s===0)return(d,c)=>d[c];let r=o+e.length+t.length,a=new Float64Array(r);e.forEach((d,c)=>a[o+c]=X(d));let i=o+e.length,l=t.map(([d,...c])=>({f:In[d],refs:c}));return(d,c,h,p)=>{a[0]=d[c];for(let f=0;f<n;f++)a[f+1]=d[h[p+f]];for(let f=0;f<l.length;f++){let{f:b,refs:m}=l[f];a[i+f]=m.length===1?b(a[m[0]]):m.length===2?b(a[m[0]],a[m[1]]):b(a[m[0]],a[m[1]],a[m[2]])}return a[s]}}function _i(n){let e=_o(n);return(...t)=>e(t,0,[...t.keys()],0)}function me(n,e){return Object.is(n,e)||n===e||Math.abs(n-e)<=xi*Math.max(Math.abs(n),Math.abs(e))}var zo=20,Gn=[{name:"overwrite",wrong:"self.grad = out.grad * local",right:"self.grad += out.grad * local",where:n=>zi(n)?!0:null,run(n){let e=new Float64Array(n.n);e[n.root]=1;for(let t of n.back)n.send(t,n.slope,e,null,!0);return{grad:e,right:n.grad}}},{name:"order",wrong:`for node in breadth_first(root):
    node._backward()`,right:`for node in reversed(topological(root)):
    node._backward()`,where(n){let{grad:e}=this.run(n);return e.every((t,s)=>me(t,n.grad[s]))?null:!0},run(n){let e=new Float64Array(n.n);e[n.root]=1;for(let t of Ai(n))n.send(t,n.slope,e);return{grad:e,right:n.grad}}},{name:"stale",wrong:"root.grad = 1.0  # and nothing else",right:`for node in inner: node.grad = 0.0
root.grad = 1.0`,where:n=>n.computed.length>1?!0:null,run(n){let e=n.grad.slice();e[n.root]=1;for(let t of n.back)n.send(t,n.slope,e);return{grad:e,right:n.grad.map((t,s)=>n.kind[s]===he?2*t:t),calls:2}}},{name:"zero_grad",wrong:`loss.backward()
step()`,right:`zero_grad()
loss.backward()
step()`,where:n=>n.kind.includes(he)?!0:null,run:n=>({grad:n.grad.map((e,t)=>n.kind[t]===he?2*e:e),right:n.grad})},{name:"detached",wrong:"h = Scalar(h.data)",right:"h = h",where:n=>Mi(n),fits:(n,e)=>n.kind[e]===Ge&&e!==n.root&&n.grad[e]!==0,run(n,e){let t=n.slope.slice();for(let{edge:s}of n.users(e))t[s]=0;return{grad:n.backward(t,new Float64Array(n.n)),right:n.grad,slope:t,first:e}}},{name:"dead_relu",wrong:"relu(−|x| − 1)",right:"relu(x)",where(n){return Pn(n,e=>this.fits(n,e))},fits:(n,e)=>Mo(n,e,"relu")&&n.value[n.operands(e)[0]]>0,run:(n,e)=>Ao(n,e,t=>-Math.abs(t)-1)},{name:"saturated_tanh",wrong:"tanh(x + 20)",right:"tanh(x)",where(n){return Pn(n,e=>this.fits(n,e))},fits:(n,e)=>Mo(n,e,"tanh"),run:(n,e)=>Ao(n,e,t=>t<0?t-zo:t+zo)}];function jo(n){return Gn.map(e=>({name:e.name,title:u(`bug.${e.name}.title`),text:u(`bug.${e.name}.text`),wrong:e.wrong,right:e.right,possible:e.where(n)!==null,why:u(`bug.${e.name}.why`)}))}function So(n,e,t={}){let s=Gn.find(d=>d.name===e);if(!s)throw new RangeError(`no mistake is called ${e}: choose from ${Gn.map(d=>d.name).join(", ")}`);let o=t.node??null,r=o!==null&&s.fits?.(n,o)?o:s.where(n);if(r===null)throw new RangeError(`${u(`bug.${e}.title`)}: ${u(`bug.${e}.why`)}`);let a=r===!0?null:r,i={value:n.value,first:null,...s.run(n,a)},l=i.first;if(l===null||me(i.grad[l],i.right[l])){l=null;for(let d=n.n-1;d>=0&&l===null;d--)n.kind[d]!==ee&&!me(i.grad[d],i.right[d])&&(l=d)}return{...i,name:e,node:a,first:l}}function Pn(n,e){return n.computed.find(e)??null}function zi(n){for(let e=n.n-1;e>=0;e--)if(n.kind[e]!==ee&&n.contributions(e).filter(({amount:t})=>t!==0).length>1)return!0;return!1}function Mi(n){let e=s=>s!==n.root&&n.grad[s]!==0,t=s=>n.operands(s).some(o=>n.kind[o]===he&&n.grad[o]!==0);return Pn(n,s=>e(s)&&t(s))}function Ai(n){let e=new Uint8Array(n.n),t=[n.root];e[n.root]=1;for(let s=0;s<t.length;s++)for(let o of n.operands(t[s]))e[o]||(e[o]=1,t.push(o));return t.filter(s=>n.kind[s]===Ge)}function Mo(n,e,t){return n.operation(e)?.name===t&&n.kind[n.operands(e)[0]]!==ee}function Ao(n,e,t){let[s]=n.operands(e),o=n.value.slice();o[s]=t(o[s]),o[e]=n.apply(e,o);let r=n.forward(n.value.slice(),new Map([[e,o[e]]])),a=n.slopes(r,n.slope.slice()),i=n.start[e];return a[i]=n.slopes(o,n.slope.slice())[i],{value:r,slope:a,grad:n.backward(a,new Float64Array(n.n)),right:n.grad,first:s}}var qo=[.5,1,2,4,8,16,64],Ht=class{constructor(e){this.whole=e,this.run=e.run??null,this.quiz=e.quiz??null,this.sealed=e.exercise?.check===!1,this.solved=new Set,this.listeners=new Map,this.speed=2,this.playing=!1,this.breakpoints={nonfinite:!0,bound:null,second:!1},this.frame=null,this.compare=null,this.selected=e.selected??null,this._load(e),this.run?.steps.length&&this._show(this.run.steps.length-1)}_load(e){this.document=e,this.engine=new nt(e),this.bug=null,this.mistake=null,this.recorded=null,this.total=this.engine.steps.length,this.t=this.total,this._state=null,this.blanks=new Set(this.quiz?.blanks??[])}on(e,t){return this.listeners.has(e)||this.listeners.set(e,new Set),this.listeners.get(e).add(t),()=>this.listeners.get(e).delete(t)}emit(e,t=null){for(let s of[e,"*"])for(let o of[...this.listeners.get(s)??[]])o(t,e)}get shown(){return this._state??=this.engine.at(this.t),this._state}get complete(){return this.t===this.total}value(e){return this.shown.known[e]?this.mistake?this.mistake.value[e]:this.recorded?this.recorded.value[e]:this.engine.value[e]:null}grad(e){return this.engine.kind[e]===ee||this.hidden(e)||!this.engine.below[e]?null:this.mistake?this.mistake.grad[e]:this.document.judged&&Number.isNaN(this.engine.grad[e])?null:this.complete?this.recorded?this.recorded.grad[e]:this.engine.grad[e]:this.shown.seen[e]?this.shown.grads[e]:null}slope(e){return this.conceals(e)?null:(this.mistake?.slope??this.engine.slope)[e]}get changes(){let e=(this.run?this.run.steps[this.frame]?.changes:this.document.changes)??null;return e===null||this.mistake||this.engine.moved?null:e}get story(){return(this.changes?.text??[]).map(we)}note(e){return we(this.changes?.notes[e]??"")}python(e){let{engine:t}=this,s=t.python[e];return t.roots.length>1||this.run||this.quiz||this.document.judged||t.kind[e]===ee||Number.isNaN(s)||t.moved||t.kind[e]===he&&Number.isNaN(t.python[t.root])||me(s,t.grad[e])||Math.abs(s-t.grad[e])<=1e-9*Math.abs(s)?null:s}verdict(e){let{judged:t}=this.document;return!t?.marks||this.quiz||this.mistake||this.engine.kind[e]===ee||this.engine.moved?null:{mark:t.marks[e],reason:we(t.reasons[e]??"")}}hidden(e){return this.sealed?this.engine.kind[e]!==ee&&e!==this.engine.root:this.blanks.has(e)&&!this.solved.has(e)}conceals(e){if(this.sealed)return!0;if(this.whole.exercise?.hide!=="local")return!1;let t=this.engine.args[e];return this.blanks.has(t)?this.hidden(t):[...this.blanks].some(s=>this.hidden(s))}agrees(e){let t=this.mistake||this.complete?this.grad(e):null;if(t===null)return null;let s=this.verdict(e);return s?s.mark===0?null:s.mark===1:this.mistake&&this.mistake.name!=="dead_relu"&&this.mistake.name!=="saturated_tanh"?me(t,this.mistake.right[e])?this.engine.agrees(e):!1:this.mistake?me(t,this.mistake.right[e])?null:!1:this.engine.agrees(e,t)}go(e){let t=Math.max(0,Math.min(this.total,Math.round(e)));Number.isNaN(t)||t===this.t||(this._clearBug(),this.t=t,this._state=null,this.emit("step",this.shown.last))}next(){this.go(this.t+1)}back(){this.go(this.t-1)}first(){this.go(0)}last(){this.go(this.total)}jump(e,t="backward"){this.go(this.engine.stepOf(e,t)),this.select(e)}play(){this.playing||(this.t>=this.total&&this.go(0),this.playing=!0,this.emit("play",!0),this._tick())}_tick(){let e=Math.max(1,Math.round(this.speed/30));this._timer=setTimeout(()=>{this.playing&&(this.go(this.t+e),this.t>=this.total?this.pause():this._tick())},1e3*e/this.speed)}pause(){this.playing&&(clearTimeout(this._timer),this.playing=!1,this.emit("play",!1))}toggle(){this.playing?this.pause():this.play()}setSpeed(e){this.speed=e,this.emit("play",this.playing)}runToBreak(){this.pause(),this._clearBug();let e=this.t>=this.total?0:this.t,t=this.engine.findBreak(e,this.breakpoints);return t?(this.go(t.t),this.select(t.node)):this.last(),this.emit("break",t),t}select(e){e!==this.selected&&(this.selected=e,this.emit("select",e))}setValue(e,t,s=!1){this.setValues([[e,t]],s)}setValues(e,t=!1){e.length&&(this._clearBug(),this.recorded=null,this.engine.setValues(e),this._state=null,this.emit("values",{leaves:e.map(([s])=>s),quiet:t}))}nudge(e,t){let s=this.engine.nudge(e,t);return this.setValue(e,this.engine.value[e]+t),s}descend(e,t){let s=this.engine.value[this.engine.root],{value:o,grad:r}=this.engine;return this.setValues(e.filter(a=>!this.sealed||Number.isFinite(r[a])).map(a=>[a,o[a]-t*r[a]])),{before:s,after:this.engine.value[this.engine.root]}}reset(){let{engine:e}=this;if(this.frame!==null){this._show(this.frame),this.emit("frame",this.frame);return}let t=[];for(let s=0;s<e.n;s++)e.kind[s]===he&&t.push([s,e.original[s]]);this.setValues(t)}setBug(e,t={}){return this.pause(),this.mistake=e===null?null:So(this.engine,e,{node:this.selected,...t}),this.bug=e,e!==null&&!this.complete&&(this.t=this.total,this._state=null),this.emit("bug",this.mistake),this.mistake}bugs(){return jo(this.engine)}_clearBug(){this.mistake&&(this.mistake=null,this.bug=null,this.emit("bug",null))}setFrame(e){!this.run||e===this.frame&&this.recorded||(this.pause(),this._show(e),this.emit("frame",e))}setCompare(e){this.compare=e,this.emit("frame",this.frame)}_show(e){let t=this.run.steps[e];this.frame=e;let s=t.document??this.whole;if(s!==this.document){let o=this.selected===null?"":this.engine.label(this.selected);this._load(s),this.selected=this._labelled(o),this._take(t),this.emit("document",s);return}this._clearBug(),this._take(t),this.t=this.total,this._state=null}_take(e){let t=e.document?.nodes??e;e.decoded??={value:Float64Array.from(t.value,X),grad:Float64Array.from(t.grad,X)},this.engine.load(e.decoded.value,e.slopes),this.recorded=e.changes?.mixed?null:e.decoded}_labelled(e){let t=null;for(let s=0;e&&s<this.engine.n;s++)if(this.engine.label(s)===e){if(t!==null)return null;t=s}return t}recording(e){let t=this.run.steps[e];return t.document?null:(t.decoded??={value:Float64Array.from(t.value,X),grad:Float64Array.from(t.grad,X)},t.decoded)}series(e){let t=this.run.steps.map((s,o)=>this.recording(o));return{value:t.map(s=>s?.value[e]??NaN),grad:t.map(s=>s?.grad[e]??NaN)}}solve(e){this.solved.add(e),this.emit("quiz",e)}};var ji=20,Z=200;function U(n,e,t=n.session.engine.title(e)){return T(t,()=>n.show(e),{class:t.length>ji?"ui-link":"ui-link ui-whole"})}function Zt(n){return n?g("span",{class:"ui-place"},n):null}function K(n){return g("h3",{},n)}function G(n,e=null){return g("p",{class:e},n)}function Y(n,e=""){let[t,...s]=n.split(" = "),o=s.flatMap(r=>[" ",g("span",{},"= ",Pe(r))]);return g("p",{class:`ui-maths ${e}`.trim()},g("span",{},Pe(t)),o)}function Pe(n){return As(n).map(e=>{if(typeof e=="string")return e;let[t,s]=e.map(o=>g("span",{},o));return g("span",{class:"ui-fraction"},t,g("span",{class:"ui-over"},"/"),s)})}function Xt(n){let e=n.filter(([,t])=>t!==null&&t!=="");return g("dl",{class:"ui-facts"},e.flatMap(([t,s])=>[g("dt",{},t),g("dd",{},s)]))}function Rn(n){let e=t=>{delete t.target.dataset.written,n()};return{input:t=>t.target.dataset.written="",change:e,keydown:t=>t.key==="Enter"&&"written"in t.target.dataset&&e(t),blur:t=>delete t.target.dataset.written}}function Fn(n){return"written"in n.dataset}function mt(n,e,t,s={}){let o=g("input",{type:"number",step:"any",value:e,...s,on:Rn(()=>t(o.valueAsNumber))});return{input:o,element:g("label",{class:"ui-field"},g("span",{},n),o)}}function je(n,e,t){let s=g("input",{type:"checkbox",checked:e,on:{change:()=>t(s.checked)}});return{input:s,element:g("label",{class:"ui-check"},s,g("span",{},n))}}function st(...n){let e=n.map(t=>g("th",{scope:"col"},t));return g("thead",{},g("tr",{},e))}function Se(n,e=y(n)){return g("td",{class:"ui-number",title:typeof n=="number"?String(n):null},e)}var{compare:$o}=new Intl.Collator("en",{numeric:!0});function bt(n){let e=[];for(let t=0;t<n.n;t++)n.kind[t]===1&&e.push([ue(n,t),n.title(t),t]);return e.sort((t,s)=>$o(t[0],s[0])||$o(t[1],s[1])||t[2]-s[2]).map(([,,t])=>t)}function Yt(n){return[...n].every(e=>e==="step"||e==="play"||e==="break")}var Dn={first:"M2 2h2v12H2zM14 2v12L5 8z",back:"M12 2v12L4 8z",play:"M4 2l9 6-9 6z",pause:"M3 2h4v12H3zM9 2h4v12H9z",next:"M4 2l8 6-8 6z",last:"M12 2h2v12h-2zM2 2l9 6-9 6z"};function Si(n,e,t){return e===null?u("break.none"):u(`break.${e.why}`,{node:D(n,e.node),t:e.t,bound:t})}function Eo(n){let{session:e}=n,t=100,s=(B,F,S)=>T(an(Dn[B]),S,{class:"ui-icon","aria-label":F,title:F}),o=s("first",u("bar.first"),()=>e.first()),r=s("back",u("bar.back"),()=>e.back()),a=s("play",u("bar.play"),()=>e.toggle()),i=s("next",u("bar.next"),()=>e.next()),l=s("last",u("bar.last"),()=>e.last()),d=g("input",{type:"range",class:"ui-steps",min:0,step:1,"aria-label":u("bar.step"),on:{input:()=>e.go(d.valueAsNumber)}}),c=g("select",{on:{change:()=>e.setSpeed(Number(c.value))}},qo.map(B=>g("option",{value:B},u("bar.rate",{n:B})))),h=g("p",{class:"ui-where"}),p=g("p",{class:"ui-begin"},u("bar.begin")),f=T("",()=>n.jump(),{class:"ui-jump"}),{breakpoints:b}=e,m=mt(u("bar.bound"),t,B=>{B>=0&&(t=B,w.input.checked&&(b.bound=t))},{min:0,"aria-label":u("bar.bound_label")}),w=je(u("bar.over"),b.bound!==null,B=>b.bound=B?t:null),v=je(u("bar.nonfinite"),b.nonfinite,B=>b.nonfinite=B),k=je(u("bar.second"),b.second,B=>b.second=B),_=g("p",{class:"ui-said",role:"status"}),M=g("fieldset",{class:"ui-row ui-breaks"},g("legend",{},u("bar.stop_where")),v.element,g("span",{class:"ui-check"},w.element,m.input),k.element,T(u("bar.run"),()=>e.runToBreak(),{title:u("bar.run_key")}),_),L=g("section",{class:"ui-bar","aria-label":u("bar.stepping")},g("div",{class:"ui-row"},g("div",{class:"ui-buttons"},o,r,a,i,l),d,g("label",{class:"ui-field"},g("span",{},u("bar.speed")),c),f),g("div",{class:"ui-row"},h,p),g("details",{class:"ui-stops"},g("summary",{},u("bar.breakpoints")),M));function P(){let{total:B,playing:F}=e;q(d,"max",B),d.value=e.t,q(d,"aria-valuetext",Je(e)),E(h,Je(e)),p.hidden=e.t>0,o.disabled=r.disabled=e.t===0,i.disabled=l.disabled=e.t===B;let S=F?u("bar.pause"):u("bar.play");a.getAttribute("aria-label")!==S&&(q(a,"aria-label",S),q(a,"title",S),I(a,an(F?Dn.pause:Dn.play))),Number(c.value)!==e.speed&&(c.value=e.speed);let{selected:x,engine:$}=e;E(f,x===null?u("bar.jump"):u("bar.jump_to",{name:ae($.title(x),18)}))}function C(B){L.querySelector("details").open=!0,E(_,Si(e.engine,B,b.bound))}return{element:L,update:P,stopped:C}}function qi(n,{grad:e,right:t}){let s=0;for(let o=0;o<n.n;o++)n.kind[o]!==2&&!me(e[o],t[o])&&s++;return s}function Wn(n){let{session:e}=n,t=new Map,s=g("ul",{class:"ui-bugs"}),o=g("div",{},G(u("bugs.intro")),s);function r(){t=new Map(e.bugs().map(h=>[h.name,a(h)])),I(s,[...t.values()].map(h=>h.element))}function a(h){let p=g("span",{class:"ui-knob","aria-hidden":"true"}),f=g("button",{type:"button",role:"switch","aria-checked":"false",class:"ui-switch",disabled:!h.possible,on:{click:()=>i(h.name)}},p,g("span",{},h.title)),b=g("div",{role:"status"});return{element:g("li",{},f,b,g("p",{},h.text),h.possible?null:G(u("bugs.not_here",{why:h.why}),"ui-note"),g("div",{class:"ui-codes"},l("wrong",h.wrong),l("right",h.right))),knob:f,result:b}}function i(h){let p=e.setBug(e.bug===h?null:h);p&&p.first!==null&&n.show(p.first)}function l(h,p){return g("div",{class:`ui-${h}`},g("span",{},u(`bugs.${h}`)),g("pre",{},g("code",{},p)))}function d(h){(h.has("values")||h.has("frame"))&&r();for(let[p,{element:f,knob:b,result:m}]of t){let w=e.bug===p;q(b,"aria-checked",String(w)),q(f,"data-on",w),w?I(m,...c(e.mistake)):m.firstChild&&E(m,"")}}function c(h){let{engine:p}=e,{first:f}=h,b=qi(p,h);if(f===null||b===0)return[G(u("bugs.nothing"))];let m=e.hidden(f);return[Xt([[u("bugs.first"),U(n,f)],[u("bugs.its_gradient"),m?"?":y(h.grad[f])],[u("bugs.right_would_be"),m?"?":y(h.right[f])],[u("bugs.its_value"),h.value[f]===p.value[f]?null:u("bugs.instead_of",{value:y(h.value[f]),right:y(p.value[f])})],[u("bugs.made_at"),h.node===null||h.node===f?null:U(n,h.node)],[u("bugs.wrong_gradients"),u("bugs.count",{count:b,all:p.kind.filter(w=>w!==2).length})]])]}return{name:"bugs",title:u("panel.bugs"),element:o,update:d,rebuild:r}}var To=12,$i={"\\":"\\textbackslash{}","{":"\\{","}":"\\}",$:"\\$","&":"\\&","#":"\\#","%":"\\%",_:"\\_","^":"\\textasciicircum{}","~":"\\textasciitilde{}","<":"\\textless{}",">":"\\textgreater{}","|":"\\textbar{}",'"':"\\textquotedbl{}","−":"-"};function Ei(n){return n.replace(/[\u0000-\u001f\u007f]/g," ").replace(/[\\{}$&#%_^~<>|"−]/g,t=>$i[t])}function Jt(n){let e=n.match(/^([A-Za-z])(?:_?(\d+))?$/);if(e)return e[2]?`${e[1]}_{${e[2]}}`:e[1];if(/^(?:[A-Za-z]\d+){2,}$/.test(n))return n.replace(/([A-Za-z])(\d+)/g,"$1_{$2}");let t=n.match(/^([A-Za-z]{2,})(?:_?(\d+))?$/);return t?t[2]?`\\mathit{${t[1]}}_{${t[2]}}`:`\\mathit{${t[1]}}`:/^−?[\d.]+$/.test(n)?n.replace("−","-"):`\\text{${Ei(n)}}`}function $e(n){let e=y(n).replaceAll("−","-");if(e==="NaN")return"\\mathrm{NaN}";if(e==="–")return"?";let[t,s]=e.replace("∞","\\infty").split("e");return s===void 0?t:`${t} \\times 10^{${s}}`}function Un(n){let e=$e(n);return e.startsWith("-")?`\\left(${e}\\right)`:e}function qe(n,e,t=n.root){return`\\frac{\\partial ${Jt(n.title(t))}}{\\partial ${Jt(n.title(e))}}`}function No(n,e){return n.replace(/\{\{|\}\}|\{(\d+)\}/g,(t,s)=>s===void 0?t[0]:e[s])}function Lo(n,e){let{engine:t}=n,{latex:s}=t.operation(e),o=t.operands(e),r=No(s,o.map(i=>Jt(t.title(i)))),a=No(s,o.map(i=>Un(n.value(i))));return`${Jt(t.title(e))} = ${r} = ${a} = ${$e(n.value(e))}`}function Ti(n,{node:e,id:t,edge:s,slope:o,upstream:r,amount:a}){let{engine:i}=n,l=n.hidden(e)?"?":$e(r),d=n.hidden(t)?"?":$e(a);return`${`${qe(i,e)} \\cdot ${qe(i,t,e)}`} = ${l} \\cdot ${n.conceals(s)?"?":Un(o)} = ${d}`}function Bo(n,e,t,s){let{engine:o}=n,r=qe(o,e);if(t.length===1)return`${r} = ${Ti(n,{...t[0],id:e})}`;let a=Oo(t,({node:l})=>`${qe(o,l)} \\cdot ${qe(o,e,l)}`);if(n.hidden(e))return`${r} = ${a} = \\text{?}`;let i=Oo(t,({amount:l},d)=>d?Un(l):$e(l));return`${r} = ${a} = ${i} = ${$e(s)}`}function Oo(n,e){let t=n.slice(0,To).map(e);return n.length>To&&t.push("\\cdots"),t.join(" + ")}function Io(n){return n.length===1?n[0]:`\\begin{aligned}
${n.map(t=>`  ${t.replace(" = "," &= ")}`).join(` \\\\
`)}
\\end{aligned}`}var Ee=40;function Co(n){let e=n.engine.change(n.t);return e?.phase!=="backward"?[]:[...new Set(e.operands.filter(({sent:s})=>s).map(({id:s})=>s))].slice(0,Ee).map(s=>{let o=Me(n.engine,s);return{id:s,shares:Ss(n.engine,o,n.t),all:o.length,sum:n.shown.grads[s]}})}function Qt(n,e=Co(n)){let{engine:t}=n,s=n.shown.last;if(!s)return"";if(s.phase==="forward")return Lo(n,s.node);if(s.phase==="seed")return`${qe(t,s.node)} = 1`;let o=e.map(({id:r,shares:a,sum:i})=>Bo(n,r,a,i));return o.length?Io(o):`${qe(t,s.node)} = ${n.hidden(s.node)?"?":$e(n.grad(s.node))}`}function Go(n){let{session:e}=n,t=g("div"),s=g("textarea",{readonly:!0,rows:4,"aria-label":u("step.latex")}),o=g("span",{role:"status"}),r=g("div",{class:"ui-latex"},T(u("step.copy"),async()=>{s.value=Qt(e),o.textContent=await yt(s)?u("step.copied"):u("step.select")}),o,s),a=g("div",{},t,r);function i(){let{engine:b}=e,m=b.change(e.t);o.textContent="";let w=Co(e);s.value=Qt(e,w),r.hidden=!m;let v=e.mistake?G(u("step.mistake"),"ui-note"):null;if(!m){I(t,K(Je(e)),G(u("step.start")));return}let k={forward:l,seed:c,backward:h}[m.phase];I(t,K(Je(e)),v,k(b,m,w))}function l(b,{node:m,operands:w}){return[Y(js(e,m),"ui-main"),K(u("step.locals")),d(b,w.slice(0,Ee)),w.length>Ee?G(u("step.more_operands",{n:w.length-Ee})):null]}function d(b,m){let w=m.map(({id:v,edge:k,value:_,constant:M})=>g("tr",{},g("th",{scope:"row"},U(n,v)),Se(_),g("td",{class:"ui-maths"},M?u("step.constant"):Pe(Be(e,k)))));return g("table",{class:"ui-small"},g("caption",{class:"ui-hidden"},u("step.operands")),st(u("term.operand"),u("term.value"),u("term.local")),g("tbody",{},w))}function c(b,{node:m}){return[Y(`${O(b,m)} = 1`,"ui-main"),G(u("step.seed"))]}function h(b,{node:m,operands:w},v){let k=`${O(b,m)} = ${ge(e,m,e.shown.grads[m])}`,_=new Map(v.map(M=>[M.id,M.all]));return[g("p",{},Pe(u("step.passes",{node:D(b,m),gradient:k}))),...w.slice(0,Ee).flatMap(M=>p(b,m,M,_.get(M.id))),w.length>Ee?G(u("step.more_operands",{n:w.length-Ee})):null,...v.flatMap(M=>f(b,M)),K(u("step.locals")),d(b,w.slice(0,Ee))]}function p(b,m,w,v){let{id:k,edge:_,slope:M,constant:L,sent:P,before:C,amount:B,after:F}=w;if(L)return[G(u("step.is_constant",{node:b.title(k)}))];if(!P)return[G(u("step.not_chosen",{node:b.title(k)}))];let S=v>1?u("share.of",{gradient:O(b,k)}):O(b,k),x=Xe(e,{node:m,id:k,edge:_,slope:M,upstream:e.shown.grads[m],amount:B},S),$=[Y(x,"ui-main")];return!e.hidden(k)&&(C!==0||F!==B)&&$.push(Y(`${O(b,k)}: ${y(C)} + ${pe(B)} = ${y(F)}`)),$}function f(b,{id:m,shares:w,all:v,sum:k}){if(v<2)return[];let _={gradient:O(b,m),n:w.length,all:v},M=v>w.length?u("step.shares_so_far",_):u("step.shares_all",_),L=Ye(e,m,w,k);return[K(M),L===null?null:Y(L)]}return{name:"step",title:u("panel.step"),element:a,update:i}}function Kn(n){return n.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu,"-").replace(/^-+|-+$/g,"").slice(0,40)}function Ni(n,e){return u("export.file",{stem:Kn(n)||u("export.graph"),step:e})}function Po(n){let{session:e}=n,t=g("span",{role:"status"}),s=()=>Ni(e.whole.title??"",e.t),o=(i,l)=>T(i,async()=>{try{await l(),E(t,""),a()}catch(d){E(t,u("export.impossible",{error:d.message}))}}),r=g("details",{class:"ui-menu",on:{focusout:i=>i.relatedTarget&&!r.contains(i.relatedTarget)&&a()}},g("summary",{},u("export.menu")),g("div",{class:"ui-items"},o(u("export.svg"),()=>We(`${s()}.svg`,ht(n.graph),"image/svg+xml")),o(u("export.png"),async()=>We(`${s()}.png`,await Os(n.graph),"image/png")),o(u("export.tex"),()=>We(`${s()}.tex`,`${Qt(e)}
`,"application/x-tex")),t));function a(){if(!r.open)return!1;let i=r.contains(n.focused());return r.open=!1,i&&r.querySelector("summary").focus(),!0}return{element:r,close:a}}var Oi=60;function Li(n,e,t=Oi){let s=e.trim().toLowerCase();if(!s)return{found:[],more:0};let o=[[],[],[],[],[]];for(let a=0;a<n.n;a++){let i=Bi(n,a,s);i!==null&&o[i[0]].push({id:a,why:i[1]})}let r=o.flat();return{found:r.slice(0,t),more:Math.max(0,r.length-t)}}function Bi(n,e,t){let s=n.title(e).toLowerCase();if(s===t)return[0,Q(n,e)];if(s.startsWith(t))return[1,Q(n,e)];let o=n.operation(e);if(o&&(o.name===t||o.symbol.toLowerCase()===t||Q(n,e)===t))return[2,Q(n,e)];if(s.includes(t))return[3,Q(n,e)];let r=n.source(e),a=n.document.lines?.[r]??"";return r&&(r.toLowerCase().includes(t)||a.toLowerCase().includes(t))?[4,a?`${r.split(/[\\/]/).at(-1)}  ${a}`:r]:o?.name.includes(t)?[4,o.name]:null}function Ro(n){let{session:e}=n,t=Oe("results"),s=[],o=0,r=-1,a=g("input",{type:"search",role:"combobox","aria-label":u("find.label"),"aria-expanded":"false","aria-controls":t,"aria-autocomplete":"list",autocomplete:"off",spellcheck:"false",placeholder:u("find.placeholder"),on:{input:()=>c(),keydown:w=>b(w),focus:()=>s.length&&h(!0)}}),i=g("ul",{id:t,role:"listbox","aria-label":u("find.found"),hidden:!0}),l=g("span",{class:"ui-hidden",role:"status"}),d=g("div",{class:"ui-find",role:"search",on:{focusout:w=>m(w)}},a,i,l);function c(){({found:s,more:o}=Li(e.engine,a.value)),r=-1;let w=s.map(({id:M,why:L},P)=>g("li",{id:`${t}-${P}`,role:"option","aria-selected":"false",on:{pointerdown:C=>C.preventDefault(),click:()=>f(P)}},g("span",{class:"ui-name"},e.engine.title(M)),g("span",{class:"ui-why"},[ue(e.engine,M),L].filter(Boolean).join(" · ")))),v=a.value.trim(),k=s.length,_=o?u("find.more",{shown:k,more:o}):u("count.node",{n:k,count:k});v&&w.push(g("li",{role:"option","aria-disabled":"true","aria-selected":"false",class:"ui-count"},k?_:u("find.nothing"))),I(i,w),l.textContent=v?_:"",h(v!=="")}function h(w){i.hidden=!w,q(a,"aria-expanded",String(w)),w||q(a,"aria-activedescendant",null)}function p(w){r>=0&&q(i.children[r],"aria-selected","false"),r=w;let v=i.children[w];q(v,"aria-selected","true"),q(a,"aria-activedescendant",v.id),v.offsetTop<i.scrollTop&&(i.scrollTop=v.offsetTop);let k=v.offsetTop+v.offsetHeight-i.clientHeight;k>i.scrollTop&&(i.scrollTop=k)}function f(w){h(!0),p(w),n.show(s[w].id)}function b(w){let v=s.length;if(w.key==="Escape")h(!1),n.leave();else if(v)if(w.key==="Enter")f((r+(w.shiftKey?v-1:1)+(w.shiftKey&&r<0?1:0))%v);else if(w.key==="ArrowDown")p((r+1)%v);else if(w.key==="ArrowUp")p((r+v-1+(r<0))%v);else return;else return;i.hidden&&w.key!=="Escape"&&h(!0),w.preventDefault(),w.stopPropagation()}function m(w){d.contains(w.relatedTarget)||h(!1)}return{element:d,focus(){a.focus(),a.select()},rebuild(){s=[],I(i),h(!1)}}}var Vn=[{keys:["ArrowRight","n","N"],shown:()=>u("shown.next"),action:"next",text:()=>u("keys.next")},{keys:["ArrowLeft","p","P"],shown:()=>u("shown.back"),action:"back",text:()=>u("keys.back")},{keys:[" "],shown:()=>u("shown.toggle"),action:"toggle",text:()=>u("keys.toggle")},{keys:["Home","0"],shown:()=>u("shown.first"),action:"first",text:()=>u("keys.first")},{keys:["End","e","E"],shown:()=>u("shown.last"),action:"last",text:()=>u("keys.last")},{keys:["b","B"],shown:()=>"b",action:"break",text:()=>u("keys.break")},{keys:["j","J"],shown:()=>"j",action:"jump",text:()=>u("keys.jump")},{keys:["/"],shown:()=>"/",action:"find",text:()=>u("keys.find")},{keys:["t","T"],shown:()=>"t",action:"table",text:()=>u("keys.table")},{keys:["l","L"],shown:()=>"l",action:"leaves",text:()=>u("keys.leaves")},{keys:["g","G"],shown:()=>"g",action:"fit",text:()=>u("keys.fit")},{keys:["+","="],shown:()=>"+",action:"zoomIn",text:()=>u("keys.zoomIn")},{keys:["-","_"],shown:()=>"−",action:"zoomOut",text:()=>u("keys.zoomOut")},{keys:["1","2","3","4","5","6","7","8"],shown:()=>"1 … 8",action:"tab",text:()=>u("keys.tab")},{keys:["Escape"],shown:()=>u("shown.escape"),action:"escape",text:()=>u("keys.escape")},{keys:["?"],shown:()=>"?",action:"help",text:()=>u("keys.help")}],Ii=new Set(["INPUT","SELECT","TEXTAREA"]),Ci=new Set(["range","checkbox","radio","button"]),Gi=new Set(["BUTTON","SUMMARY","A"]),Fo=new Set(["ArrowLeft","ArrowRight"]),Pi=new Set([...Fo,"Home","End"]);function Hn(n){return Ci.has(n?.type)?!1:Ii.has(n?.tagName?.toUpperCase?.())||n?.isContentEditable===!0}function Do({key:n,ctrlKey:e,metaKey:t,altKey:s,defaultPrevented:o},r){if(e||t||s||o||Hn(r))return null;let a=r?.tagName?.toUpperCase?.()??"";return(Gi.has(a)||r?.type==="checkbox")&&(n===" "||n==="Enter")||r?.type==="range"&&Pi.has(n)||r?.getAttribute?.("role")==="tab"&&Fo.has(n)?null:Vn.find(({keys:i})=>i.includes(n))?.action??null}function Wo(n){let e=Oe("help"),t=[[u("help.everywhere"),Vn],...n].filter(([,o])=>o.length),s=g("dialog",{class:"ui-help","aria-labelledby":e},g("h2",{id:e},u("help.title")),...t.flatMap(([o,r])=>[g("h3",{},o),g("dl",{class:"ui-keys"},r.flatMap(({shown:a,text:i})=>[g("dt",{},g("kbd",{},a())),g("dd",{},i())]))]),g("p",{},u("help.leaves")),T(u("help.close"),()=>s.close(),{class:"ui-primary"}));return s}function Ri({class:n,marks:e}){if(!e)return u("judged.no_gradients",{name:n});let t=e.filter(o=>o===1).length,s=e.filter(o=>o===-1).length;return u("judged.result",{name:n,right:y(t),all:y(t+s)})}function Uo(n){let{session:e}=n,t=g("div");function s(){let{judged:r}=e.document,a=Object.keys(r.reasons).map(Number).reverse(),i=a.filter(d=>r.marks[d]===-1),l=a.filter(d=>r.marks[d]===0);I(t,G(Ri(r),"ui-main"),e.engine.moved?G(u("judged.moved")):null,...r.mistakes.length?[K(u("judged.what"))]:[],...r.mistakes.map(d=>G(we(d))),...o("judged.wrong",i),...o("judged.open",l),...r.notes.map(d=>G(we(d),"ui-note")))}function o(r,a){if(!a.length)return[];let{judged:i}=e.document,l=a.slice(0,Z).map(d=>g("li",{},U(n,d),u("judged.reason",{reason:i.reasons[d]})));return[K(u(r,{n:a.length})),g("ul",{class:"ui-links"},l),a.length>Z?G(u("list.more",{n:a.length-Z})):null]}return{name:"judged",title:u("panel.judged"),element:t,update:s}}var Fi=200;function Zn(n){if(!Number.isFinite(n))return{min:-1,max:1};let e=Math.max(1,2*Math.abs(n));return{min:n-e,max:n+e}}function Di(n){let e=n/Fi,t=10**Math.floor(Math.log10(e));return[1,2,5,10].find(s=>s*t>=e*.999)*t}function Ko(n,e,t){let s=t.trim().toLowerCase();return s?e.filter(o=>`${ue(n,o)} ${n.title(o)}`.toLowerCase().includes(s)):e}function Wi(n,e,t,{predicted:s,actual:o}){let{engine:r}=n,a=D(r,r.root),i={name:D(r,e),h:pe(t)};if(Number.isNaN(o)&&r.stuck.includes(1))return u("leaves.nudge_own",i);let l={...i,root:a,gradient:O(r,e),actual:y(o,6)};if(n.hidden(e))return u("leaves.nudge_hidden",l);let[d,c,h]=[y(s/t),y(s,6),y(Math.abs(o-s),2)];return u("leaves.nudge",{...l,slope:d,guess:c,missed:h})}function Vo(n){let{session:e}=n,t=new Set,s=.001,o=.05,r=new Map,a=g("input",{type:"search",on:{input:()=>M()}}),i=mt(u("leaves.h"),s,S=>s=S),l=mt(u("leaves.rate"),o,S=>o=S,{min:0}),d=g("p",{class:"ui-said",role:"status"}),c=je(u("leaves.all"),!1,S=>v(S)),h=g("p",{class:"ui-note"}),p=g("tbody"),f=T(u("leaves.descent"),()=>k(1),{title:u("leaves.descent_title")}),b=T(u("leaves.ascent"),()=>k(-1),{title:u("leaves.ascent_title")}),m=g("table",{class:"ui-leaves"},g("caption",{class:"ui-hidden"},u("leaves.caption")),st(u("term.leaf"),u("term.value"),u("term.gradient"),u("term.nudge")),p),w=g("div",{},g("div",{class:"ui-row"},g("label",{class:"ui-field"},g("span",{},u("leaves.filter")),a),i.element,T(u("leaves.reset"),()=>e.reset())),g("div",{class:"ui-row"},c.element,l.element,f,b),d,h,m);function v(S){for(let x of Ko(e.engine,bt(e.engine),a.value))S?t.add(x):t.delete(x);for(let[x,$]of r)$.check.checked=t.has(x)}function k(S){let{engine:x}=e;if(!t.size){E(d,u("leaves.choose"));return}if(!Number.isFinite(o))return;let{before:$,after:A}=e.descend([...t],S*o),R=D(x,x.root),V=A<$?u("leaves.down"):A>$?u("leaves.up"):u("leaves.same"),J={n:t.size,rate:y(o),root:R,before:y($,6),after:y(A,6),way:V};E(d,S>0?u("leaves.descended",J):u("leaves.ascended",J))}function _(S){if(!Number.isFinite(s)||s===0){E(d,u("leaves.bad_h"));return}E(d,Wi(e,S,s,e.nudge(S,s)))}function M(){let{engine:S}=e,x=Ko(S,bt(S),a.value);r=new Map(x.slice(0,Z).map($=>[$,P(S,$)])),I(p,[...r.values()].map($=>$.element)),E(h,L(x.length)),C()}function L(S){return S>Z?u("leaves.some",{most:Z,count:S}):S?"":a.value?u("leaves.no_such"):u("leaves.none")}function P(S,x){let $=ue(S,x),A=$?u("leaves.of_group",{name:S.title(x),group:$}):S.title(x),R=ye=>{Number.isFinite(ye)&&e.setValue(x,ye)},V=g("input",{type:"range","aria-label":u("leaves.slider",{name:A}),on:{input:()=>R(V.valueAsNumber)}}),J=g("input",{type:"number",step:"any","aria-label":u("leaves.value",{name:A}),on:{...Rn(()=>R(J.valueAsNumber)),focus:()=>J.value=e.engine.value[x]}}),be=g("input",{type:"checkbox","aria-label":u("leaves.in_descent",{name:A}),on:{change:()=>be.checked?t.add(x):t.delete(x)}});be.checked=t.has(x);let De=g("td",{class:"ui-number"});return{element:g("tr",{},g("th",{scope:"row"},g("span",{class:"ui-check"},be,U(n,x)),Zt($)),g("td",{},g("span",{class:"ui-value"},J,V)),De,g("td",{},T(u("leaves.plus_h"),()=>_(x),{"aria-label":u("leaves.nudge_label",{name:A})}))),slider:V,field:J,check:be,grad:De}}function C(){for(let[S,{element:x,slider:$,field:A,grad:R}]of r){let V=e.engine.value[S];B($,V,e.engine.original[S]),$.value=V,n.focused()===A&&!Fn(A)?A.value=V:Fn(A)||(A.value=Number.isFinite(V)?Number(V.toPrecision(6)):""),q(A,"title",String(V)),E(R,ge(e,S)),q(x,"data-selected",e.selected===S)}}function B(S,x,$){let{min:A,max:R}=Zn($),V=x<A?Zn(x).min:A,J=x>R?Zn(x).max:R;q(S,"min",V),q(S,"max",J),q(S,"step",Di(J-V))}function F(){t.clear(),c.input.checked=!1,E(d,""),M()}return{name:"leaves",title:u("panel.leaves"),element:w,update:C,rebuild:F}}var Re=50;function Ui(n,e){if(n.engine.kind[e]===2)return null;if(n.hidden(e))return u("node.when_found");if(!n.complete)return u("node.when_through");let t=y(n.engine.difference(e),7),s=n.verdict(e)?n.engine.agrees(e):n.agrees(e);return s===!0?u("node.agrees",{difference:t}):s===!1?u("node.disagrees",{difference:t}):u("node.cannot_tell",{difference:t})}function Ki(n,e){let t=n.python(e);return t===null?null:u("node.other",{gradient:y(t,7)})}function Ho(n){let{session:e}=n,t=g("div");function s(){let{engine:l,selected:d}=e;if(d===null){I(t,G(u("node.nothing")));return}let c=l.operation(d),h=l.source(d),p=l.document.lines?.[h],f=c!==null;I(t,K(l.title(d)),Xt([[u("term.value"),o(e.value(d))],[u("node.stale"),e.note(d)||null],[u("term.gradient"),l.kind[d]===2?u("node.none"):e.hidden(d)?ge(e,d):o(e.grad(d))],[u("node.in_python"),Ki(e,d)],[u("node.in_class",{name:l.document.judged?.class}),$t(e,d)],[u("node.right"),e.mistake&&!e.hidden(d)?o(e.mistake.right[d]):null],[u("node.check"),Ui(e,d)],[u("term.operation"),f?`${D(l,d)} = ${qt(l,d)}`:Q(l,d)],[u("node.recomputed"),l.frozen(d)?u("node.frozen"):null],[u("node.group"),ue(l,d)],[u("node.source"),h&&g("span",{},h,p?g("code",{class:"ui-code"},p):null)]]),g("div",{class:"ui-row"},f?T(u("node.to_forward"),()=>e.jump(d,"forward")):null,l.kind[d]===2?null:T(u("node.to_backward"),()=>e.jump(d)),l.kind[d]===1?T(u("node.move"),()=>n.openTab("leaves")):null,l.kind[d]===1?T(u("node.paths"),()=>n.openTab("paths")):null),f?r(l,d):null,a(l,d),l.kind[d]===2?null:i(l,d))}function o(l){return g("span",{title:l===null?null:String(l)},l===null?u("node.unknown"):y(l,7))}function r(l,d){let c=l.operands(d).map((h,p)=>{let f=l.kind[h]===2?u("node.constant"):Pe(Be(e,l.start[d]+p));return g("tr",{},g("th",{scope:"row"},U(n,h)),Se(e.value(h)),g("td",{class:"ui-maths"},f))});return g("table",{class:"ui-small"},g("caption",{},u("node.operands",{n:c.length})),st(u("term.name"),u("term.value"),u("term.local")),g("tbody",{},c.slice(0,Re)))}function a(l,d){let c=[...new Set(l.users(d).map(({node:h})=>h))];return c.length?[K(u("node.used_by",{n:c.length})),g("ul",{class:"ui-links"},c.slice(0,Re).map(h=>g("li",{},U(n,h)))),c.length>Re?G(u("list.more",{n:c.length-Re})):null]:G(d===l.root?u("node.is_root"):u("node.unused"))}function i(l,d){let c=Me(l,d);if(d===l.root)return[K(u("node.gradient")),Y(`${O(l,d)} = 1`)];let h=c.slice(0,Re).map(f=>{let b=l.stepOf(f.node)<=e.t,m=c.length>1?u("share.of",{gradient:O(l,d)}):O(l,d),w=`${O(l,f.node)} · ${O(l,d,f.node)}`;return Y(b?Xe(e,{...f,id:d},m):u("node.not_yet",{left:m,product:w}))}),p=e.complete?Ye(e,d,c,l.grad[d]):null;return[K(c.length===1?u("node.its_gradient"):u("node.its_sum",{n:c.length})),...c.length?h:[G(u("node.no_gradient"))],c.length>Re?G(u("list.more",{n:c.length-Re})):null,p===null?null:Y(p,"ui-main")]}return{name:"node",title:u("panel.node"),element:t,update:s}}var Yo=14,Zo=12;function Xo(n){let e=n.toString();return e.length<=15?re(n):u("paths.about",{mantissa:`${e[0]}.${e.slice(1,3)}`,exponent:e.length-1})}function Jo(n,e=Yo){if(n.length<=e)return n;let t=Math.floor(e/2);return[...n.slice(0,t),null,...n.slice(n.length-t)]}function Vi(n,{edges:e,product:t},s=()=>!1){let o=Jo(e).map((r,a)=>r===null?"…":s(r)?"?":a?pe(n.slope[r]):y(n.slope[r]));return o.length===1?y(t):`${o.join(" · ")} = ${y(t)}`}function Hi(n,e,{paths:t,sum:s}){let o=t.slice(0,Zo).map(({product:a},i)=>i?pe(a):y(a));t.length>Zo&&o.push("…");let r=O(n,e);return o.length>1?`${r} = ${o.join(" + ")} = ${y(s)}`:`${r} = ${y(s)}`}function Qo(n){let{session:e}=n,t=g("div");function s(r){let{engine:a,selected:i}=e;if(Yt(r))return;if(i===null){I(t,G(u("paths.click")));return}let l=K(u("paths.title",{from:D(a,i),to:D(a,a.root)}));if(a.kind[i]===2){I(t,l,G(u("paths.constant")));return}if(e.hidden(i)){I(t,l,G(u("paths.exercise")));return}let d=a.paths(i);if(d.paths===null){I(t,l,G(u("paths.counted",{count:Xo(d.count)})),Y(`${O(a,i)} = ${y(d.sum)}`,"ui-main"));return}if(!d.paths.length){I(t,l,G(u("paths.none")));return}I(t,l,G(u("paths.each",{n:Number(d.count),count:Xo(d.count)})),Y(Hi(a,i,d),"ui-main"),g("ol",{class:"ui-paths"},d.paths.map(c=>o(c))))}function o(r){let a=Jo(r.nodes).flatMap((i,l)=>[l?" → ":"",i===null?u("paths.more",{n:r.nodes.length-Yo}):U(n,i)]);return g("li",{},g("span",{},a),Y(Vi(e.engine,r,i=>e.conceals(i))))}return{name:"paths",title:u("panel.paths"),element:t,update:s}}function ot(n){let[e,t,...s]=tr(n).split("/").map(o=>o===""?NaN:Number(o));return s.length?NaN:t===void 0?e:e/t}function tr(n){return n.replace(/\s+/g,"").replace(/[‐‑‒–—−﹣－]/g,"-").split("/").map(e=>e.replace(",",".")).join("/")}function nr(n,e,t){let s=t.map(([r,a])=>[r,a==="shown"?a:Zi(a)]).filter(([,r])=>r).map(([r,a])=>`${er(r)}~${a}`),o=`gg1:${n==null?"":er(String(n))}:${e}:${s.join(";")}`;return`${o}:${Xi(o).toString(16).padStart(8,"0")}`}function Zi(n){let e=ot(n);if(Number.isNaN(e))return"";let t=tr(n);return/^[-+.\de/]+$/i.test(t)?t:String(e)}function er(n){let e=t=>`%${t.charCodeAt(0).toString(16).toUpperCase()}`;return encodeURIComponent(n.toWellFormed?.()??n).replace(/[!'()*~]/g,e)}function Xi(n){let e=-1;for(let t=0;t<n.length;t++){e^=n.charCodeAt(t);for(let s=0;s<8;s++)e=e>>>1^(e&1?3988292384:0)}return~e>>>0}function sr(n){return{get(){try{return JSON.parse(localStorage.getItem(n))}catch{return null}},set(e){try{e===null?localStorage.removeItem(n):localStorage.setItem(n,JSON.stringify(e))}catch{}}}}var Yi=.0051,or=.06,Ji=1e-9;function en(n,e,t=Yi){return Number.isFinite(e)?Math.abs(n-e)<=Math.max(Ji,t*Math.abs(e)):Object.is(n,e)}function rr(n,e,t){let s=n.grad[e];if(Number.isNaN(t))return{ok:!1,slip:"empty",reason:u("slip.empty")};if(en(t,s))return{ok:!0,slip:null,reason:u("slip.right")};for(let{slip:o,number:r,reason:a}of Qi(n,e))if(Number.isFinite(r)&&en(t,r))return{ok:!1,slip:o,reason:a};return en(t,s,or)?{ok:!1,slip:"rounding",reason:u("slip.rounding")}:en(t,-s,or)?{ok:!1,slip:"sign",reason:u("slip.sign_rough")}:{ok:!1,slip:"other",reason:u("slip.other")}}function*Qi(n,e){let t=n.grad[e],s=Me(n,e),o=D(n,e);yield{slip:"sign",number:-t,reason:u("slip.sign")},yield*el(n,s,o);let r=a=>s.reduce((i,l)=>i+a(l),0);s.length&&(yield{slip:"local",number:r(({slope:a})=>a),reason:tl(n,e,s)},yield{slip:"upstream",number:r(({upstream:a})=>a),reason:nl(n,e,s)});for(let a of s)yield*sl(n,e,a,t-a.amount);yield{slip:"twice",number:2*t,reason:u("slip.twice")},yield{slip:"value",number:n.value[e],reason:u("slip.value",{node:o})}}function*el(n,e,t){if(e.length<2)return;for(let{node:o,amount:r}of e){let a=u("slip.one",{n:e.length,through:n.title(o),node:t});yield{slip:"one",number:r,reason:a}}let s=e.reduce((o,{amount:r})=>o+r,0);for(let{node:o,amount:r}of e)yield{slip:"one",number:s-r,reason:u("slip.missing",{through:n.title(o)})};yield{slip:"product",number:e.reduce((o,{amount:r})=>o*r,1),reason:u("slip.product")}}function tl(n,e,t){let{node:s}=t[0];if(t.length>1)return u("slip.local_several");let o=O(n,s);return n.operation(s).name==="mul"?u("slip.local_factor",{upstream:o}):u("slip.local",{local:O(n,e,s),upstream:o})}function nl(n,e,t){if(t.length>1)return u("slip.upstream_several");let{node:s}=t[0],o=Q(n,s),r=O(n,e,s),a=O(n,s);return n.operation(s).name==="mul"?u("slip.upstream_product",{local:r}):o==="−"?u("slip.upstream_minus",{local:r}):/^\p{L}/u.test(o)?u("slip.upstream_operation",{operation:o,upstream:a,local:r}):u("slip.upstream",{upstream:a,local:r})}function*sl(n,e,{node:t,edge:s,upstream:o},r){let a=n.operation(t).name,i=n.value[e],l=n.operands(t),d=l.filter((c,h)=>n.start[t]+h!==s).map(c=>n.value[c]);if(a==="mul"){let c=u("slip.factor",{node:D(n,e)});yield{slip:"factor",number:r+o*i,reason:c},r===0&&(yield{slip:"factor",number:i,reason:c})}if(a==="add"||a==="sub"){let c=u("slip.summand");for(let h of d)yield{slip:"summand",number:r+o*h,reason:c},yield{slip:"summand",number:r+o+h,reason:c},r===0&&(yield{slip:"summand",number:h,reason:c});yield{slip:"summand",number:r+o*i,reason:c}}if(l.length===1){let c=n.value[t],h=u("slip.derivative",{node:D(n,t),operation:a});yield{slip:"derivative",number:r+o*c,reason:h},a==="tanh"&&(yield{slip:"derivative",number:r+o*(1-c),reason:u("slip.tanh_square")},yield{slip:"derivative",number:r+o*(1-i*i),reason:u("slip.tanh_result")})}if(a==="pow"){let[c,h]=l.map(p=>n.value[p]);yield{slip:"power",number:r+o*c**(h-1),reason:u("slip.power_factor")},yield{slip:"power",number:r+o*h*c**h,reason:u("slip.power_less")}}}function ar(n,e){let{engine:t}=n,s=Me(t,e);if(e===t.root)return[u("hint.root")];if(!s.length)return[u("hint.no_path")];let o=[...new Set(s.map(({node:l})=>t.title(l)))],r={node:t.title(e),n:s.length,users:o.slice(0,6).join(", ")},a=n.whole.exercise?.solution===!1,i=[s.length===1?u("hint.used_once",r):u("hint.used",r),...[s.slice(0,6).map(({node:l})=>`${O(t,l)} · ${O(t,e,l)}`).join(" + ")].map(l=>`${O(t,e)} = ${l}`),s.slice(0,6).map(({edge:l})=>a||n.conceals(l)?ol(t,l):Be(n,l)).join("; ")];return a?i:[...i,`${O(t,e)} = ${s.slice(0,6).map(({node:l,edge:d,upstream:c})=>`${ge(n,l,c)} · ${vn(n,d)}`).join(" + ")}`]}function ol(n,e){return`${O(n,n.args[e],n.owner[e])} = ${wn(n,e)??"?"}`}function ir(n,e){let{engine:t}=n;if(e===t.root)return[`${O(t,e)} = 1`];let s=Me(t,e);if(!s.length)return[u("solution.no_path",{gradient:O(t,e)})];let o=s.flatMap(a=>{let i=s.length>1?u("share.of",{gradient:O(t,e)}):null;return[Be(n,a.edge),Xe(n,{...a,id:e},i)]}),r=Ye(n,e,s,t.grad[e]);return r===null?o:[...o,r]}function lr(n,e,t){let s=t-n-e,o=[u("score.right",{right:y(n),all:t})];return e&&o.push(u("score.shown",{n:e})),o.push(s?u("score.to_go",{n:s}):u("score.done")),o.join(", ")}var tn={text:"",tries:0,checked:!1,shown:!1};function dr(n){let{session:e}=n,{quiz:t}=e,{id:s="",answers:o=null,solution:r=!0}=e.whole.exercise??{},a=[...t.blanks].sort((z,N)=>N-z),i=new nt(e.whole),l=Object.assign(Object.create(e),{engine:i}),d=sr(`glassgrad quiz ${s} ${t.seed??""} ${t.blanks}`),c=JSON.stringify(o),h=new Map,p=new Map,f=g("p",{class:"ui-main",role:"status"}),b=g("ol",{class:"ui-quiz"}),m=g("div"),w=g("p",{class:"ui-note",role:"status",hidden:!0},u("quiz.moved"),T(u("quiz.put_back"),()=>e.reset())),{sealed:v}=e,k=r===!1||v?null:T(u("quiz.worked"),()=>es(a)),_=r==="answered"?G(u("quiz.later")):null,M=T(u("quiz.again"),be),L=g("div",{role:"form","aria-label":u("quiz.answers"),on:{keydown:z=>x(z),input:z=>$(z),focusout:()=>De()}},b,g("div",{class:"ui-row"},v?null:T(u("quiz.check"),Te,{class:"ui-primary"}),k,M),v?G(u("quiz.sealed")):_),P=g("textarea",{readonly:!0,rows:3,hidden:!0,"aria-label":u("quiz.line_label")}),C=g("p",{class:"ui-note",role:"status"}),B=g("div",{},K(t.title||u("quiz.title")),G(t.seed===null||t.seed===void 0?u("quiz.task"):u("quiz.task_of_seed",{seed:t.seed})),w,f,L,g("div",{class:"ui-row"},T(u("quiz.copy"),Cr),T(u("quiz.save"),Gr)),C,P,m);function F(){p=new Map(a.map(z=>[z,S(z)])),I(b,[...p.values()].map(z=>z.element)),V()}function S(z){let{engine:N}=e,H=g("input",{type:"text",inputmode:"text",autocomplete:"off",spellcheck:"false","aria-label":u("quiz.gradient_of",{name:N.title(z)}),"data-node":z}),W=g("p",{class:"ui-verdict",role:"status"}),te=0,le=g("p",{class:"ui-note",role:"status"}),oe=T(u("quiz.hint"),()=>{let it=ar(l,z);E(le,it.slice(0,te+1).join(" — ")),te=Math.min(te+1,it.length-1)},{"aria-label":u("quiz.hint_for",{name:N.title(z)})});return{element:g("li",{},g("div",{class:"ui-row"},U(n,z,O(N,z))," = ",H,oe),W,le),input:H,verdict:W,more:oe}}function x(z){z.key!=="Enter"||z.target.tagName!=="INPUT"||(z.preventDefault(),Te())}function $({target:z}){if(!z.dataset.node)return;let N=Number(z.dataset.node);h.set(N,{...tn,...h.get(N),text:z.value}),R(),v&&at()}let A=z=>h.get(z)??tn;function R(){d.set({base:c,answers:Object.fromEntries(h)})}function V(){if(!h.size){let z=d.get(),N=z?.base===c?z.answers:null;for(let H of a){let W=N?.[H];W&&typeof W=="object"?h.set(H,{...tn,...W,text:String(W.text??"")}):!N&&o?.[H]&&h.set(H,{...tn,...J(o[H])})}}if(h.size){for(let[z,{input:N}]of p)N.value=A(z).text;xt(),a.some(z=>A(z).shown)?es(a.filter(z=>A(z).shown)):at()}}function J(z){return z==="shown"?{shown:!0}:{text:z,tries:1,checked:!0}}function be(){if(!("sure"in M.dataset)){M.dataset.sure="",E(M,u("quiz.erase"));return}De(),h.clear(),d.set(o?{base:c,answers:{}}:null),e.solved.clear();for(let{input:z}of p.values())z.value="";I(m),E(C,""),P.hidden=!0,xt(),e.emit("quiz",null),at()}function De(){delete M.dataset.sure,E(M,u("quiz.again"))}function Te(){if(v)return;for(let[N,{input:H}]of p){let{tries:W,shown:te,...le}=A(N);if(te||kt(N))continue;let oe=Number.isNaN(ot(H.value))?0:1;h.set(N,{...le,shown:te,text:H.value,tries:W+oe,checked:H.value.trim()!==""})}R();let z=xt();z!==null&&p.get(z).input.focus(),at()}let ye=z=>rr(i,z,ot(A(z).text)),kt=z=>!v&&A(z).checked&&!A(z).shown&&ye(z).ok;function xt(){let z=null;for(let[N,{input:H,verdict:W,element:te}]of p){let{checked:le,shown:oe}=A(N),{ok:Ne,reason:it,slip:ss}=le&&!oe&&!v?ye(N):{ok:!1,slip:"empty",reason:""};E(W,Ne?u("verdict.right"):it&&`✗ ${it}`),q(te,"data-verdict",Ne?"right":ss==="empty"?null:"wrong"),q(H,"aria-invalid",Ne||ss==="empty"?null:"true"),Ne?e.solve(N):oe||(z??=N)}return z}function es(z){for(let N of z)kt(N)||h.set(N,{...A(N),shown:!0}),e.solve(N);R(),xt(),at(),I(m,K(u("quiz.worked")),g("ol",{},a.filter(N=>!e.hidden(N)).map(N=>g("li",{},U(n,N),ir(l,N).map(H=>Y(H))))))}function ts(){let z=a.map(N=>[e.engine.title(N),A(N).shown?"shown":p.get(N).input.value]);return nr(t.seed,s,z)}async function Cr(){P.value=ts(),P.hidden=!1;let z=await yt(P);E(C,z?u("quiz.copied"):u("quiz.no_clipboard"))}function Gr(){let z=`${Kn(u("quiz.file",{name:t.seed??e.whole.title??""}))}.txt`;We(z,`${ts()}

${JSON.stringify(e.whole)}
`,"text/plain"),E(C,u("quiz.saved",{name:z}))}function at(){ns();let z=[...h].map(([N,{text:H,tries:W,shown:te}])=>{let le=te?NaN:ot(H),{ok:oe,slip:Ne}=v?{ok:!1,slip:null}:{ok:kt(N),slip:ye(N).slip};return[N,{answer:Number.isFinite(le)?le:null,tries:W,ok:oe,shown:te,slip:Ne}]});n.answered(Object.fromEntries(z))}function ns(){let z=a.filter(kt).length,N=a.filter(W=>A(W).shown).length,H=a.filter(W=>!Number.isNaN(ot(A(W).text))).length;E(f,v?u("quiz.answered",{n:H,all:a.length}):lr(z,N,a.length)),w.hidden=!e.engine.moved,k&&(k.disabled=r==="answered"&&!a.every(W=>A(W).tries||A(W).shown)),_&&(_.hidden=!k.disabled);for(let[W,{input:te,more:le}]of p){let oe=!e.hidden(W);te.readOnly=oe,le.hidden=oe||v}}return{name:"quiz",title:u("panel.quiz"),element:B,update:ns,rebuild:F}}var ur=["order","operation",null,"value","grad",null];function rl(n,e,t){let{engine:s}=n,o=Array.from({length:s.n},(l,d)=>d),r=t?-1:1;if(e==="order")return t?o.reverse():o;if(e==="operation"){let l=o.map(d=>Q(s,d));return o.sort((d,c)=>r*l[d].localeCompare(l[c])||d-c)}let a=o.map(l=>n[e](l)??NaN),i=l=>!Number.isNaN(l);return o.sort((l,d)=>i(a[d])-i(a[l])||(i(a[l])?r*(a[l]-a[d]):0)||l-d)}function al(n,e){let{engine:t}=n;if(n.value(e)===null)return"–";let s=r=>n.conceals(r)?"?":y(t.slope[r]);return t.operands(e).slice(0,8).map((r,a)=>t.kind[r]===2?"–":s(t.start[e]+a)).join(", ")+(t.operands(e).length>8?", …":"")}function cr(n){let{session:e}=n,t="order",s=!1,o=0,r=new Map,a=[],i=null,l=g("caption"),d=["node","operation","operands","value","gradient","locals"].map(x=>u(`term.${x}`)),c=ur.map((x,$)=>g("th",{scope:"col"},x?T(d[$],()=>k(x),{class:"ui-sort"}):d[$])),h=g("tbody"),p=g("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":u("table.label")},g("table",{class:"ui-table"},l,g("thead",{},g("tr",{},c)),h)),f=g("span",{role:"status"}),b=T(u("table.earlier"),()=>_(o-1)),m=T(u("table.later"),()=>_(o+1)),w=g("div",{class:"ui-row"},b,f,m),v=g("div",{class:"ui-fill"},w,p);function k(x){s=t===x?!s:x==="grad"||x==="value",t=x,o=0,M()}function _(x){o=x,L()}function M(){a=rl(e,t,s),c.forEach((x,$)=>{let A=ur[$];q(x,"aria-sort",A===t?s?"descending":"ascending":null)}),L()}function L(){let x=Math.max(1,Math.ceil(a.length/Z));o=Math.max(0,Math.min(o,x-1));let $=o*Z,A=a.slice($,$+Z);r=new Map(A.map(R=>[R,P(R)])),I(h,[...r.values()].map(R=>R.element)),w.hidden=x===1,b.disabled=o===0,m.disabled=o===x-1,E(f,u("table.rows",{from:$+1,to:$+A.length,all:a.length})),i=null,C()}function P(x){let{engine:$}=e,A=$.operands(x),R=A.slice(0,8).flatMap((Te,ye)=>[ye?", ":"",U(n,Te)]);A.length>8&&R.push(", ",u("table.in_all",{n:A.length}));let[V,J,be]=["ui-number","ui-number",null].map(Te=>g("td",{class:Te}));return{element:g("tr",{},g("th",{scope:"row"},U(n,x),Zt(ue($,x))),g("td",{},Q($,x)),g("td",{},R),V,J,be),value:V,grad:J,slopes:be}}function C(){let{engine:x,total:$}=e;E(l,u("table.caption",{n:x.n,t:e.t,total:$}));for(let[A,R]of r)E(R.value,y(e.value(A),6)),E(R.grad,ge(e,A)==="?"?"?":y(e.grad(A),6)),E(R.slopes,al(e,A)),q(R.element,"data-selected",e.selected===A),q(R.element,"aria-current",e.shown.last?.node===A?"step":null)}function B(x){let $=x.has("values")||x.has("bug")||x.has("frame")||x.has("quiz");(t==="value"||t==="grad")&&($||x.has("step"))?M():C();let A=x.has("select")?e.selected:e.shown.last?.node;A!=null&&A!==i&&(x.has("step")||x.has("select"))&&F(A)}function F(x){r.has(x)||_(Math.floor(a.indexOf(x)/Z));let $=r.get(x).element.getBoundingClientRect(),A=p.getBoundingClientRect(),R=c[0].offsetHeight;$.top<A.top+R?p.scrollTop+=$.top-A.top-R:$.bottom>A.bottom&&(p.scrollTop+=$.bottom-A.bottom),i=x}function S(){o=0,M()}return{name:"table",title:u("panel.table"),element:v,update:B,rebuild:S}}function il(n,e,t){return n==="ArrowRight"?(e+1)%t:n==="ArrowLeft"?(e+t-1)%t:null}function hr(n,e){let t=null,s=n.map((c,h)=>{let p=Oe(c.name),f=g("button",{type:"button",role:"tab",id:`${p}-tab`,"aria-controls":p,title:`${c.title} (${h+1})`,on:{click:()=>l(c.name)}},c.title),b=g("div",{role:"tabpanel",id:p,"aria-labelledby":`${p}-tab`,tabindex:0,class:`ui-panel ui-panel-${c.name}`,hidden:!0},c.element);return{panel:c,tab:f,body:b}}),o=g("div",{role:"tablist","aria-label":u("app.panels"),class:"ui-tabs",on:{keydown:c=>d(c)}},s.map(({tab:c})=>c)),r=Oe("panels"),a=g("h2",{class:"ui-hidden",id:r},u("app.panels")),i=g("section",{class:"ui-side","aria-labelledby":r},a,o,s.map(({body:c})=>c));function l(c,h=null){for(let{panel:p,tab:f,body:b}of s){let m=p.name===c;q(f,"aria-selected",String(m)),q(f,"tabindex",m?0:-1),b.hidden=!m,m&&h&&(h==="tab"?f:b).focus({preventScroll:h==="tab"}),m&&(t=p),m&&f.scrollIntoView?.({block:"nearest",inline:"nearest"})}e(t)}function d(c){let h=s.findIndex(({panel:f})=>f===t),p=c.ctrlKey||c.metaKey||c.altKey?null:il(c.key,h,s.length);p!==null&&(c.preventDefault(),l(s[p].panel.name,"tab"))}return{element:i,open:l,get current(){return t}}}var nn=["auto","light","dark"];var gr="(prefers-color-scheme: dark)";var fr="system",ll={dark:!0,light:!1,auto:fr},wt=n=>ll[n.toLowerCase()]??null,Xn={"data-jp-theme-light":n=>({false:!0,true:!1})[n]??null,"data-md-color-scheme":n=>({slate:!0,default:!1})[n]??null,"data-bs-theme":wt,"data-theme":wt,"data-color-mode":wt},mr={theme:wt,"data-mode":wt,class:cl},dl=new Set(["quarto-dark","dark","coal","navy","ayu","vscode-dark","vscode-high-contrast"]),ul=new Set(["quarto-light","light","rust","vscode-light","vscode-high-contrast-light"]);function cl(n){let e=n.split(/\s+/);return e.some(t=>ul.has(t))?!1:e.some(t=>dl.has(t))?!0:null}function hl({name:n,marks:e}){let t=n==="html"||n==="body";for(let[s,o]of Object.entries(t?{...Xn,...mr}:Xn)){let r=typeof e[s]=="string"?o(e[s]):null;if(r!==null)return r}return null}function pr(n){let t=n.replace(/^color\(\S+/,"color(").match(/[\d.]+(?:e-?\d+)?%?/g)?.map(l=>parseFloat(l)/(l.endsWith("%")?100:1));if(!t||t.length<3)return null;let[,s]=n.match(/^(\w+)\(/)??[],[o,r,a,i=1]=t;return i<.5?null:s==="rgb"||s==="rgba"?.299*o+.587*r+.114*a<128:s==="color"?.299*o+.587*r+.114*a<.5:s==="oklch"||s==="oklab"?o<.6:s==="lab"||s==="lch"?(o>1?o/100:o)<.5:null}function pl(n,{around:e=[],canvas:t="",system:s=!1}){if(n!=="auto")return n==="dark";for(let o of e){let r=hl(o);if(r!==null)return r===fr?s:r}for(let{background:o}of e){let r=pr(o);if(r!==null)return r}return pr(t)??s}function br(n){let e=n.ownerDocument,t=e.defaultView,s=[...wr(n)].map(a=>({name:a.localName,marks:Object.fromEntries([...a.attributes].map(({name:i,value:l})=>[i,l])),background:t.getComputedStyle(a).backgroundColor})),o=vr(n),r=o?br(o):{around:[],canvas:gl(e)};return{around:[...s,...r.around],canvas:r.canvas,system:t.matchMedia(gr).matches}}function*wr(n){for(let e=n;e;e=e.parentElement??e.getRootNode().host??null)yield e}function vr(n){try{return n.ownerDocument.defaultView.frameElement}catch{return null}}function gl(n){let e=n.createElement("div");e.style.backgroundColor="Canvas",n.documentElement.append(e);let t=n.defaultView.getComputedStyle(e).backgroundColor;return e.remove(),t}function kr(n,e){let t=null,s=null,o=()=>{let l=n.parentElement??n.getRootNode().host;l&&n.toggleAttribute("data-dark",pl(e(),{...br(l),...s}))},r=()=>{o(),clearTimeout(t),t=setTimeout(o,450)},a=({source:l,data:d})=>{l!==globalThis.parent||l===globalThis||d?.glassgrad!=="theme"||(s={around:d.around,canvas:d.canvas},o())};globalThis.addEventListener("message",a);let i=fl(n,r);return o(),{apply:o,stop(){clearTimeout(t),globalThis.removeEventListener("message",a);for(let l of i)l()}}}function fl(n,e){let t=[];for(let s=n;s;s=vr(s)){let o=s.ownerDocument.defaultView,r=o.matchMedia(gr);r.addEventListener("change",e);let a=new o.MutationObserver(e),i=[...Object.keys(Xn),...Object.keys(mr),"style"];for(let c of wr(s))c!==n&&a.observe(c,{attributes:!0,attributeFilter:i});let l=["disabled","media","href","rel"],{head:d}=s.ownerDocument;d&&a.observe(d,{childList:!0,subtree:!0,attributes:!0,attributeFilter:l}),t.push(()=>a.disconnect(),()=>r.removeEventListener("change",e))}return t}var sn=340,Fe=110,rt=56,se=10;function ml(n){let e=1/0,t=-1/0;for(let s of n)Number.isFinite(s)&&(e=Math.min(e,s),t=Math.max(t,s));return e>t?{low:0,high:1}:e===t?{low:e-Math.max(1e-12,Math.abs(e)/2),high:t+Math.max(1e-12,Math.abs(t)/2)}:{low:e,high:t}}function xr(n){let{low:e,high:t}=ml(n),s=Math.max(1,n.length-1);return{low:e,high:t,x:o=>rt+(sn-rt-se)*o/s,y:o=>Fe-se-(Fe-2*se)*(o-e)/(t-e)}}function bl(n){let{x:e,y:t}=xr(n),s="M",o="";return n.forEach((r,a)=>{if(!Number.isFinite(r)){s="M";return}o+=`${s}${e(a).toFixed(1)} ${t(r).toFixed(1)}`,s="L"}),o}function Yn(n,e,t,s,o=null){let{low:r,high:a,x:i,y:l}=xr(t),d=t.length<=60?t.map((m,w)=>({value:m,k:w})).filter(m=>Number.isFinite(m.value)):[],c=r<0&&a>0?l(0):null,[h,p]=[t[0],t.at(-1)].map(m=>y(m)),f=u("chart.spoken",{title:n,first:h,last:p,low:y(r),high:y(a)}),b=[s,o].filter(m=>m!==null&&Number.isFinite(t[m]));return j("svg",{class:`ui-chart ui-chart-${e}`,viewBox:`0 0 ${sn} ${Fe}`,role:"img","aria-label":f},j("path",{class:"ui-axis",d:`M${rt} ${se/2}V${Fe-se/2}H${sn-se/2}`}),c===null?null:j("path",{class:"ui-zero",d:`M${rt} ${c}H${sn-se}`}),s===null?null:j("path",{class:"ui-mark",d:`M${i(s)} ${se/2}V${Fe-se/2}`}),o===null?null:j("path",{class:"ui-mark ui-other",d:`M${i(o)} ${se/2}V${Fe-se/2}`}),j("path",{class:"ui-line",d:bl(t)}),d.map(({value:m,k:w})=>j("circle",{cx:i(w),cy:l(m),r:1.6})),b.map(m=>j("circle",{class:"ui-here",cx:i(m),cy:l(t[m]),r:3.5})),j("text",{x:rt-5,y:se+4,"text-anchor":"end"},y(a,3)),j("text",{x:rt-5,y:Fe-se+3,"text-anchor":"end"},y(r,3)))}function on(n,e,t){let{document:s}=n.run.steps[e],o=n.run.steps[n.frame]?.document;if(!s){if(o&&n.engine.label(t)==="")return{value:NaN,grad:NaN};let a=n.recording(e),i=o?yr(n.whole,n.engine.label(t)):t;return i===void 0?{value:NaN,grad:NaN}:{value:a.value[i],grad:a.grad[i]}}let r=s===n.document?t:yr(s,n.engine.label(t));return r===void 0?{value:NaN,grad:NaN}:{value:X(s.nodes.value[r]),grad:X(s.nodes.grad[r]??"nan")}}var Jn=new WeakMap;function yr(n,e){if(e){if(!Jn.has(n)){let t=new Map;n.nodes.label.forEach((s,o)=>t.set(n.strings[s],o)),Jn.set(n,t)}return Jn.get(n).get(e)}}function _r(n,e){let t=n.run.steps.map((s,o)=>on(n,o,e));return{value:t.map(({value:s})=>s),grad:t.map(({grad:s})=>s)}}function wl(n,e){let{engine:t}=n;if(e!==t.root)return e;let o=bt(t).map(r=>[Math.abs(on(n,0,r).grad),r]).filter(([r])=>Number.isFinite(r));return o.length?o.reduce((r,a)=>a[0]>r[0]?a:r)[1]:null}function zr(n){let{session:e}=n,{steps:t}=e.run,s=!1,o=g("input",{type:"range",min:0,max:t.length-1,step:1,"aria-label":u("time.recorded"),on:{input:()=>e.setFrame(o.valueAsNumber)}}),r=g("output",{class:"ui-said"}),a=g("select",{on:{change:()=>e.setCompare(a.value===""?null:Number(a.value))}},g("option",{value:""},u("time.nothing")),t.map((v,k)=>g("option",{value:k},h(k)))),i=je(u("time.all"),!1,v=>{s=v,f(new Set(["frame"]))}),l=g("div"),d=g("div"),c=g("div",{},g("div",{class:"ui-row ui-scrub"},T("‹",()=>p(-1),{"aria-label":u("time.earlier")}),o,T("›",()=>p(1),{"aria-label":u("time.later")}),r),l,g("div",{class:"ui-row"},g("label",{class:"ui-field"},g("span",{},u("time.compare")),a),i.element),d);function h(v){let k=t[v].label||`step ${v}`;return k.startsWith("step ")?u("time.step",{step:k.slice(5)}):k}function p(v){e.setFrame(Math.max(0,Math.min(t.length-1,e.frame+v)))}function f(v){if(Yt(v))return;let{engine:k,frame:_}=e,M=e.selected??k.root;o.value=_,q(o,"aria-valuetext",h(_)),E(r,u("time.kept",{step:h(_),k:_+1,all:t.length})),a.value=e.compare??"";let L=k.title(M),P=wl(e,M),C=P===null?"":k.title(P);I(l,K(u("time.value_over",{node:L})),Yn(u("time.value_of",{node:L}),"value",_r(e,M).value,_,e.compare),...P===null||e.hidden(P)?[]:[K(u("time.gradient_over",{node:C})),Yn(u("quiz.gradient_of",{name:C}),"grad",_r(e,P).grad,_,e.compare)],P===M?null:G(u("time.always_1",{node:L}),"ui-note")),I(d,e.compare===null?G(u("time.choose"),"ui-note"):b(k))}function b(v){let k=e.frame,_=e.compare,M=[];if(s||e.selected===null)for(let C=v.n-1;C>=0&&M.length<Z;C--)v.kind[C]!==2&&M.push(C);else M.push(e.selected);let L=(C,B)=>g("th",{scope:"col",...B},C),P=s&&v.n>Z;return g("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":u("time.two")},g("table",{class:"ui-table"},g("caption",{},u(P?"time.beside_last":"time.beside",{a:h(k),b:h(_),n:Z})),g("thead",{},g("tr",{},g("td",{rowspan:2}),g("th",{scope:"colgroup",colspan:3},u("term.value")),g("th",{scope:"colgroup",colspan:3},u("term.gradient"))),g("tr",{},...[1,2].flatMap(()=>[L(h(k)),L(h(_)),L(u("term.difference"))]))),g("tbody",{},M.map(C=>m(v,C,on(e,k,C),on(e,_,C))))))}function m(v,k,_,M){let P=e.hidden(k)?["?","?","?"].map(C=>g("td",{},C)):w(_.grad,M.grad);return g("tr",{},g("th",{scope:"row"},U(n,k)),...w(_.value,M.value),...P)}function w(v,k){let _=v-k;return[Se(v),Se(k),Se(_,_>0?`+${y(_)}`:y(_))]}return{name:"time",title:u("panel.time"),element:c,update:f}}var vl=1200,Mr=[700,880],vt=150;function Ar(n,e){if(n<=e)return{size:n,starts:[0]};let t=Math.ceil((n-vt)/(e-vt)),s=(n-vt)/t+vt;return{size:s,starts:Array.from({length:t},(o,r)=>r*(s-vt))}}function jr(n){let e=self!==top,t=["ui-paper",n.session.quiz?"ui-worksheet":"",e?"ui-framed":""],s=g("div",{class:t.filter(Boolean).join(" ")}),o=matchMedia("print");function r(){de(n.lang),n.host.removeAttribute("data-dark");let l=_n(n.graph,!!n.session.quiz);I(s,n.session.quiz?kl():null,e?l:xl(l))}function a(){s.replaceChildren(),n.themed.apply()}let i=()=>o.matches?r():a();return addEventListener("beforeprint",r),addEventListener("afterprint",a),o.addEventListener("change",i),{element:s,stop(){removeEventListener("beforeprint",r),removeEventListener("afterprint",a),o.removeEventListener("change",i)}}}function kl(){return g("div",{class:"ui-names"},g("span",{},u("print.name")),g("span",{},u("print.date")))}function xl(n){let[,,e,t]=n.getAttribute("viewBox").split(" ").map(Number),s=Ar(e,vl),o=Math.min(1,Mr[0]/s.size),r=Ar(t,Mr[1]/o);return r.starts.flatMap(a=>s.starts.map(i=>{let l=n.cloneNode(!0);return l.setAttribute("viewBox",`${i} ${a} ${s.size} ${r.size}`),l.setAttribute("width",s.size),l.setAttribute("height",r.size),l}))}var yl=["LR","TB","auto"],Sr=200,qr=4e3,_l={1:!0,true:!0,"":!0,0:!1,false:!1};function zl({total:n,panels:e}){let t=r=>({read:a=>r.includes(a)?a:void 0,wanted:Ml(r)}),s=(r,a)=>i=>/^\d+$/.test(i)&&Number(i)>=r&&Number(i)<=a?Number(i):void 0,o=s(0,n);return{step:{read:r=>r==="start"||r==="end"?r:o(r),wanted:u("address.step",{total:n})},layout:t(yl),panel:t(e),height:{read:s(Sr,qr),wanted:u("address.height",{low:Sr,high:qr})},compact:{read:r=>_l[r],wanted:u("address.flag")},lang:t(_t)}}function Ml(n){return n.length<2?n[0]:u("list.or",{most:n.slice(0,-1).join(", "),last:n.at(-1)})}function $r(n,e,{total:t,panels:s}){let o={...n.view,complaints:[]},r=new URLSearchParams(e);for(let[a,{read:i,wanted:l}]of Object.entries(zl({total:t,panels:s}))){if(!r.has(a))continue;let d=r.get(a),c=i(d);c===void 0?o.complaints.push(u("address.bad",{name:a,value:d.slice(0,40),wanted:l})):o[a]=c}return o}function Er(n,e=n.run||n.quiz||n.selected!==null?"end":"start"){return e==="start"?0:e==="end"?n.total:e}function Qn(n,e,t=null){let s=new URLSearchParams(e).get("lang"),o=_t.includes(s)?s:n.view?.lang;return is(o,t,...globalThis.navigator?.languages??[])}var Al=["pointerdown","click","keydown","input","change","focusin","focusout"],jl=2,rn=class{constructor(e,t,{page:s=!1,search:o="",answered:r=()=>{},lang:a="en"}={}){this.session=e,this.host=t,this.page=s,this.answered=r,this.lang=a,de(a),this.theme="auto",this.root=t.shadowRoot,this.offs=[],this.alone=s&&globalThis.parent===globalThis,this._panels(),this.view=$r(e.whole,o,{total:e.total,panels:this.panels.map(({name:i})=>i)}),e.go(Er(e,this.view.step)),this._build(),this._listen(),this.tabs.open(this.view.panel??this._first()),this.warn(this.view.complaints.join(" ")),this._flush(new Set(["document"])),e.selected!==null&&this.graph.center(e.selected)}focused(){return this.root.activeElement}show(e){this.session.select(e),this.graph.center(e)}openTab(e){this.frame.removeAttribute("data-bare"),this.tabs.open(e,"body")}warn(e){this.notice.textContent=e,this.notice.hidden=!e}pythonSays(e){de(this.lang),this.warn(e?u("app.python_says",{message:e}):"")}leave(){this.frame.focus({preventScroll:!0})}jump(){let{session:e}=this;e.selected===null?this.find.focus():e.jump(e.selected)}_panels(){let{session:e}=this,t=[Go,Ho,Vo,Qo,Wn,cr];e.run?.steps.length&&t.push(zr),e.quiz?t.push(dr):e.document.judged&&t.push(Uo),e.sealed&&t.splice(t.indexOf(Wn),1),this.panels=t.map(s=>s(this))}_build(){let{session:e,view:t}=this;this.kinds=new Map(this.panels.map(s=>[s,new Set(["document"])])),this.tabs=hr(this.panels,s=>this._opened(s)),this.bar=Eo(this),this.find=Ro(this),this.picture=g("div",{class:"ui-graph"}),this.help=Wo([[u("app.in_the_graph"),gt.keys??[]]]),this.live=g("div",{class:"ui-hidden","aria-live":"polite","aria-atomic":"true"}),this.notice=g("p",{class:"ui-notice",role:"status",hidden:!0}),this.changed=g("p",{class:"ui-notice ui-changed",role:"status",hidden:!0}),this.printing=jr(this),this.frame=g("div",{class:this.page?"ui ui-page":"ui",tabindex:-1,"data-compact":t.compact??!1,"data-bare":t.compact&&!t.panel&&!e.quiz,"data-sized":t.height!==void 0},this._header(),this.notice,this.changed,this.printing.element,g("div",{class:"ui-main-area"},g("section",{class:"ui-left","aria-label":u("app.graph")},this.picture,this.bar.element),this.tabs.element),this.live,this.help),t.height&&this.frame.style.setProperty("--gg-height",`${t.height}px`),this.root.append(this.frame),this._draw()}_draw(){this.graph=new gt(this.session,this.picture,{direction:this.view.layout,alone:this.alone})}_header(){let e=this.session.whole.title||"glassgrad";this.themeButton=T("",()=>this._turnTheme(),{class:"ui-theme"}),this.exports=Po(this);let t=g("header",{class:"ui-header"},g(this.page?"h1":"h2",{title:e},e),this.find.element,this.exports.element,this.themeButton,T("?",()=>this._help(),{class:"ui-icon","aria-label":u("app.help"),title:u("app.keys")}));return this.themed=kr(this.host,()=>this.theme),this._nameTheme(),t}_first(){return this.session.quiz?"quiz":this.session.selected!==null?"node":this.session.document.judged?.marks?.includes(-1)?"judged":this.session.frame!==null?"time":"step"}_turnTheme(){this.theme=nn[(nn.indexOf(this.theme)+1)%nn.length],this._nameTheme(),this.themed.apply(),this.graph.refresh()}_nameTheme(){this.themeButton.textContent=u(`theme.${this.theme}`)}_help(){this.help.open||this.help.showModal()}_listen(){let{session:e}=this;this.offs.push(e.on("*",(s,o)=>this._happened(o,s)));let t=(s,o,r,a)=>{s.addEventListener(o,r,a),this.offs.push(()=>s.removeEventListener(o,r,a))};t(this.page?document:this.frame,"keydown",s=>this._key(s));for(let s of Al)t(this.frame,s,()=>de(this.lang),{capture:!0});for(let s of["pointerup","click","keydown"])t(this.picture,s,()=>this._touch(),{capture:!0})}_touch(){this.touched=!0,setTimeout(()=>this.touched=!1,0)}_happened(e,t){de(this.lang),e==="document"&&this._replaced(),e==="break"&&this.bar.stopped(t),e==="select"&&this.touched&&t!==null&&this._explain(t);for(let s of this.kinds.values())s.add(e);this.pending??=new Set,this.pending.add(e),this.scheduled??=requestAnimationFrame(()=>{this.scheduled=null;let s=this.pending;this.pending=null,this._flush(s)})}_explain(e){let{name:t}=this.tabs.current,s=this.session.engine.kind[e]===1;(t==="step"||(s?t==="node":t==="paths"))&&this.tabs.open(s?"paths":"node")}_flush(e){de(this.lang);let t=this.session.story;E(this.changed,t.join(" ")),this.changed.hidden=!t.length,this.bar.update(),this.graph.refresh(),this._refresh(this.tabs.current),e.has("step")&&this._announce()}_opened(e){this.host.toggleAttribute("data-wide",e.name==="table"),this._refresh(e)}_refresh(e){let t=this.kinds.get(e);t.has("document")&&e.rebuild?.(),t.size&&e.update(t),this.kinds.set(e,new Set)}_replaced(){this.graph.destroy?.(),this.picture.replaceChildren(),this._draw(),this.find.rebuild()}_announce(){let{session:e}=this;e.playing&&e.speed>jl||(this.live.textContent=$s(e))}_key(e){let t=e.composedPath()[0];if(this.help.open)return;e.key==="Escape"&&Hn(t)&&this.leave();let s=Do(e,t);if(s===null)return;let{session:o,graph:r}=this;({next:()=>o.next(),back:()=>o.back(),toggle:()=>o.toggle(),first:()=>o.first(),last:()=>o.last(),break:()=>o.runToBreak(),jump:()=>this.jump(),find:()=>this.find.focus(),table:()=>this.openTab("table"),leaves:()=>this.openTab("leaves"),fit:()=>r.fit(),zoomIn:()=>r.zoomBy(1.25),zoomOut:()=>r.zoomBy(1/1.25),tab:()=>this.panels[Number(e.key)-1]&&this.openTab(this.panels[Number(e.key)-1].name),escape:()=>this.exports.close()||o.select(null),help:()=>this._help()})[s](),e.preventDefault(),e.stopPropagation()}destroy(){this.session.pause(),this.scheduled&&cancelAnimationFrame(this.scheduled);for(let e of this.offs)e();this.themed.stop(),this.printing.stop(),this.graph.destroy?.(),this.frame.remove(),q(this.host,"data-wide",null)}};var Tr=`/* The picture. Shades of gradients are those of src/glassgrad/draw/colours.py; other colours are the player's. */

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
`;var ql=40;function $l(n,e,t){let{engine:s}=n;return Object.entries(e??{}).map(([o,r])=>[Number(o),X(r)]).filter(([o,r])=>s.kind[o]===1&&!t.has(o)&&!Object.is(s.value[o],r))}function Nr(n,e){let t=new Map,s=null,o=()=>n.document===n.whole,r=()=>{s=null;let d={...e.get("values")};for(let[c,h]of t)d[c]=h;t.clear(),e.set("values",d),e.save_changes()},a=({leaves:d,quiet:c})=>{if(!(c||!o())){for(let h of d)Number.isFinite(n.engine.value[h])&&t.set(h,n.engine.value[h]);s??=setTimeout(r,ql)}},i=()=>{o()&&n.setValues($l(n,e.get("values"),t),!0)},l=n.on("values",a);return e.on("change:values",i),i(),()=>{s!==null&&(clearTimeout(s),r()),l(),e.off("change:values",i)}}var Or=`/* On paper: the title, the whole picture and what the open panel says. An exercise becomes a worksheet. */

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
`;var Lr=`/* The player's interface. Colours are properties, here and nowhere else; the picture uses them as well. They follow
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
  padding: 3px clamp(3px, 0.7cqw, 8px);
  font-size: 13px;
  white-space: nowrap;
  border: 1px solid transparent;
  border-bottom: 3px solid transparent;
  border-radius: 5px 5px 0 0;
  background: none;
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
`;var Br=null;function Ir(n,e,t){let s=g("div",{class:"glassgrad-player","data-lm-suppress-shortcuts":"true"});s.attachShadow({mode:"open"}),Br??=[Lr,Tr,Or].map(r=>{let a=new CSSStyleSheet;return a.replaceSync(r),a}),s.shadowRoot.adoptedStyleSheets=Br,n.append(s);let o=t.page?null:document.documentElement.lang;de(Qn({},t.search,o));try{let r=JSON.parse(e),a=Qn(r,t.search,o);de(a),s.lang=a,t.page&&(document.documentElement.lang=a);let i=new Ht(r),l=new rn(i,s,{...t,lang:a});return{session:i,app:l,destroy(){l.destroy(),s.remove()}}}catch(r){return s.shadowRoot.replaceChildren(g("p",{role:"alert",class:"ui-error"},u("app.cannot_start",{error:r.message}))),console.error(r),{session:null,app:null,destroy:()=>s.remove()}}}function Nl({model:n,el:e}){let t=null,s=()=>{},o=l=>{n.set("answers",l),n.save_changes()},r=()=>t?.app?.pythonSays(n.get("message")),a=()=>{i(),t=Ir(e,n.get("document"),{answered:o}),t.session&&(s=Nr(t.session,n)),r()},i=()=>{s(),s=()=>{},t?.destroy(),t=null};return n.on("change:document",a),n.on("change:message",r),a(),()=>{n.off("change:document",a),n.off("change:message",r),i()}}function Ol(){let n=document.getElementById("glassgrad-document").textContent,e=document.querySelector("main");e||(e=g("main"),document.body.append(e)),document.body.style.margin="0",Ir(e,n,{page:!0,search:location.search})}globalThis.document?.documentElement.dataset.glassgrad==="page"&&Ol();var zh={render:Nl};export{zh as default};
