var Ho="http://www.w3.org/2000/svg";function g(n,e={},...t){return us(document.createElement(n),e,t)}function M(n,e={},...t){return us(document.createElementNS(Ho,n),e,t)}function us(n,{on:e={},...t},s){for(let[r,o]of Object.entries(t))S(n,r,o);for(let[r,o]of Object.entries(e))n.addEventListener(r,o);return n.append(...s.flat().filter(r=>r!=null)),n}function S(n,e,t){let s=n.getAttribute(e);t===!1||t===null||t===void 0?s!==null&&n.removeAttribute(e):s!==String(t===!0?"":t)&&n.setAttribute(e,t===!0?"":t)}function N(n,e){n.textContent!==e&&(n.textContent=e)}function B(n,...e){n.replaceChildren(...e.flat().filter(t=>t!=null))}function un(n){return M("svg",{viewBox:"0 0 16 16",width:16,height:16,"aria-hidden":"true",focusable:"false"},M("path",{d:n,fill:"currentColor"}))}function q(n,e,t={}){return g("button",{type:"button",...t,on:{click:e}},n)}var cs=0;function Oe(n){return cs+=1,`gg-${n}-${cs}`}function We(n,e,t){let s=URL.createObjectURL(e instanceof Blob?e:new Blob([e],{type:t})),r=g("a",{href:s,download:n});document.body.append(r),r.click(),r.remove(),setTimeout(()=>URL.revokeObjectURL(s),1e4)}async function $t(n){if(n.focus(),n.select(),document.execCommand("copy"))return!0;try{return await navigator.clipboard.writeText(n.value),!0}catch{return!1}}var je=["en","de","es","fr"],ut={"app.cannot_start":["The player cannot start: {error}","Der Player kann nicht starten: {error}","El reproductor no puede iniciarse: {error}","Le lecteur ne peut pas démarrer : {error}"],"app.python_says":["Python says: {message}","Python meldet: {message}","Python dice: {message}","Python signale : {message}"],"app.graph":["Graph","Graph","Grafo","Graphe"],"app.in_the_graph":["In the graph","Im Graphen","En el grafo","Dans le graphe"],"app.help":["Help: all keys","Hilfe: alle Tasten","Ayuda: todas las teclas","Aide : toutes les touches"],"app.keys":["Keys (?)","Tasten (?)","Teclas (?)","Touches (?)"],"app.panels":["Panels","Bereiche","Paneles","Panneaux"],"theme.auto":["Theme: auto","Design: auto","Tema: auto","Thème : auto"],"theme.light":["Theme: light","Design: hell","Tema: claro","Thème : clair"],"theme.dark":["Theme: dark","Design: dunkel","Tema: oscuro","Thème : sombre"],"panel.step":["Step","Schritt","Paso","Étape"],"panel.node":["Node","Knoten","Nodo","Nœud"],"panel.leaves":["Leaves","Blätter","Hojas","Feuilles"],"panel.paths":["Paths","Pfade","Rutas","Chemins"],"panel.bugs":["Bug lab","Fehler","Errores","Bugs"],"panel.table":["Table","Tabelle","Tabla","Table"],"panel.time":["Time","Zeit","Tiempo","Temps"],"panel.quiz":["Exercise","Übung","Ejercicio","Exercice"],"panel.judged":["Judged","Urteil","Veredicto","Verdict"],"address.bad":["The address asks for {name}={value}: use {wanted}.","Die Adresse verlangt {name}={value}: möglich ist {wanted}.","La dirección pide {name}={value}: use {wanted}.","L’adresse demande {name}={value} : utilisez {wanted}."],"address.step":["start, end or a whole number from 0 to {total}","start, end oder eine ganze Zahl von 0 bis {total}","start, end o un número entero de 0 a {total}","start, end ou un nombre entier de 0 à {total}"],"address.height":["a whole number of pixels from {low} to {high}","eine ganze Zahl von Pixeln von {low} bis {high}","un número entero de píxeles de {low} a {high}","un nombre entier de pixels de {low} à {high}"],"address.flag":["1 or 0","1 oder 0","1 o 0","1 ou 0"],"list.or":["{most} or {last}","{most} oder {last}","{most} o {last}","{most} ou {last}"],"bar.begin":["Press n or → to compute the first node, Space to play them all.","Mit n oder → den ersten Knoten berechnen, mit der Leertaste alle abspielen.","Pulse n o → para calcular el primer nodo, Espacio para reproducirlos todos.","Appuyez sur n ou → pour calculer le premier nœud, sur Espace pour tous les jouer."],"bar.stepping":["Stepping","Schrittsteuerung","Paso a paso","Pas à pas"],"bar.first":["To the start (Home)","Zum Anfang (Pos1)","Al principio (Inicio)","Au début (Début)"],"bar.back":["One step back (←)","Ein Schritt zurück (←)","Un paso atrás (←)","Une étape en arrière (←)"],"bar.play":["Play (Space)","Abspielen (Leertaste)","Reproducir (Espacio)","Lecture (Espace)"],"bar.pause":["Pause (Space)","Pause (Leertaste)","Pausa (Espacio)","Pause (Espace)"],"bar.next":["One step on (→)","Ein Schritt vor (→)","Un paso adelante (→)","Une étape en avant (→)"],"bar.last":["To the end (End)","Zum Ende (Ende)","Al final (Fin)","À la fin (Fin)"],"bar.step":["Step","Schritt","Paso","Étape"],"bar.speed":["speed","Tempo","velocidad","vitesse"],"bar.rate":["{n} /s","{n} /s","{n} /s","{n} /s"],"bar.jump":["Jump to node…","Zum Knoten …","Ir al nodo…","Aller au nœud…"],"bar.jump_to":["Jump to {name}","Zu {name}","Ir a {name}","Aller à {name}"],"bar.bound":["bound","Grenze","límite","seuil"],"bar.bound_label":["bound of |gradient|","Grenze für |Gradient|","límite de |gradiente|","seuil de |gradient|"],"bar.over":["|gradient| over","|Gradient| über","|gradiente| mayor que","|gradient| au-dessus de"],"bar.nonfinite":["gradient NaN or infinite","Gradient NaN oder unendlich","gradiente NaN o infinito","gradient NaN ou infini"],"bar.second":["second contribution to a node","zweiter Beitrag zu einem Knoten","segunda contribución a un nodo","deuxième contribution à un nœud"],"bar.stop_where":["Stop where","Anhalten bei","Parar si","S’arrêter si"],"bar.run":["Run to breakpoint","Bis zum Haltepunkt","Hasta el punto de parada","Jusqu’au point d’arrêt"],"bar.run_key":["Run to breakpoint (b)","Bis zum Haltepunkt laufen (b)","Avanzar hasta el punto de parada (b)","Exécuter jusqu’au point d’arrêt (b)"],"bar.breakpoints":["Breakpoints","Haltepunkte","Puntos de parada","Points d’arrêt"],"break.none":["no breakpoint was reached: this is the end","kein Haltepunkt auf dem Weg: hier ist das Ende","ningún punto de parada en el camino: este es el final","aucun point d’arrêt en chemin : c’est la fin"],"break.nan":["stopped at {node} after step {t}: its gradient is NaN","angehalten bei {node} nach Schritt {t}: der Gradient ist NaN","parada en {node} tras el paso {t}: su gradiente es NaN","arrêt sur {node} après l’étape {t} : son gradient est NaN"],"break.infinite":["stopped at {node} after step {t}: its gradient is infinite","angehalten bei {node} nach Schritt {t}: der Gradient ist unendlich","parada en {node} tras el paso {t}: su gradiente es infinito","arrêt sur {node} après l’étape {t} : son gradient est infini"],"break.bound":["stopped at {node} after step {t}: its gradient is larger than {bound}","angehalten bei {node} nach Schritt {t}: der Gradient ist größer als {bound}","parada en {node} tras el paso {t}: su gradiente es mayor que {bound}","arrêt sur {node} après l’étape {t} : son gradient est plus grand que {bound}"],"break.second":["stopped at {node} after step {t}: it gets its second contribution","angehalten bei {node} nach Schritt {t}: der zweite Beitrag kommt an","parada en {node} tras el paso {t}: recibe su segunda contribución","arrêt sur {node} après l’étape {t} : il reçoit sa deuxième contribution"],"bugs.intro":["Each switch makes one classic mistake in writing backpropagation. The picture shows the effect.","Jeder Schalter macht einen klassischen Fehler beim Programmieren von Backpropagation. Das Bild zeigt, was dabei herauskommt.","Cada interruptor comete un error clásico de quien programa la retropropagación. El dibujo muestra qué resulta de él.","Chaque interrupteur commet une erreur classique de qui programme la rétropropagation. Le dessin montre ce qui en résulte."],"bugs.not_here":["Not here: {why}.","Hier nicht möglich: {why}.","Aquí no: {why}.","Pas ici : {why}."],"bugs.wrong":["wrong","falsch","mal","faux"],"bugs.right":["right","richtig","bien","juste"],"bugs.nothing":["With these numbers it happens to change nothing. That makes it hard to find.","Bei diesen Zahlen ändert er zufällig nichts. Gerade das macht ihn schwer zu finden.","Con estos números, por casualidad no cambia nada. Eso es lo que lo hace difícil de encontrar.","Avec ces nombres, elle ne change rien par hasard. C’est ce qui la rend difficile à trouver."],"bugs.first":["first wrong node","erster falscher Knoten","primer nodo incorrecto","premier nœud faux"],"bugs.its_gradient":["its gradient","sein Gradient","su gradiente","son gradient"],"bugs.right_would_be":["should be","richtig wäre","lo correcto sería","le bon serait"],"bugs.its_value":["its value","sein Wert","su valor","sa valeur"],"bugs.instead_of":["{value} instead of {right}","{value} statt {right}","{value} en lugar de {right}","{value} au lieu de {right}"],"bugs.made_at":["made at","gemacht bei","cometido en","commise à"],"bugs.wrong_gradients":["wrong gradients","falsche Gradienten","gradientes incorrectos","gradients faux"],"bugs.count":["{count} of {all}","{count} von {all}","{count} de {all}","{count} sur {all}"],"bug.overwrite.title":["= instead of +=","= statt +=","= en lugar de +=","= au lieu de +="],"bug.overwrite.text":["A node that is used twice gets two shares of gradient. With =, the later share replaces the earlier one.","Ein Knoten, der zweimal benutzt wird, bekommt zwei Anteile des Gradienten. Mit = ersetzt der spätere den früheren.","Un nodo que se usa dos veces recibe dos partes del gradiente. Con =, la segunda reemplaza a la primera.","Un nœud utilisé deux fois reçoit deux parts de gradient. Avec =, la seconde remplace la première."],"bug.overwrite.why":["no node here is used twice","kein Knoten wird hier zweimal benutzt","aquí ningún nodo se usa dos veces","aucun nœud n’est utilisé deux fois ici"],"bug.order.title":["wrong order","falsche Reihenfolge","orden incorrecto","mauvais ordre"],"bug.order.text":["Breadth first from the root is not a topological order: a node passes its gradient on before all of its shares have arrived.","Breitensuche von der Wurzel ist keine topologische Ordnung: ein Knoten gibt seinen Gradienten weiter, bevor er vollständig ist.","El recorrido en anchura desde la raíz no es un orden topológico: un nodo transmite su gradiente antes de tenerlo completo.","Le parcours en largeur depuis la racine n’est pas un ordre topologique : un nœud transmet son gradient avant qu’il soit complet."],"bug.order.why":["in this graph breadth first happens to be a correct order","in diesem Graphen ist Breitensuche zufällig eine richtige Reihenfolge","en este grafo, el recorrido en anchura resulta ser un orden correcto","dans ce graphe, le parcours en largeur est par hasard un bon ordre"],"bug.stale.title":["stale inner gradients","alte innere Gradienten","gradientes internos viejos","gradients internes périmés"],"bug.stale.text":["backward() is called twice. Leaves may accumulate gradients, but inner nodes must start from 0. Otherwise the gradients of the first call are sent again.","backward() zweimal: Blätter dürfen aufsummieren, innere Knoten müssen bei 0 beginnen, sonst werden die Gradienten des ersten Aufrufs noch einmal weitergegeben.","backward() dos veces: las hojas pueden acumular, los nodos internos deben empezar en 0; si no, los gradientes de la primera llamada se transmiten otra vez.","backward() deux fois : les feuilles peuvent accumuler, les nœuds internes doivent repartir de 0, sinon les gradients du premier appel sont transmis une fois de plus."],"bug.stale.why":["the graph has no inner node: its gradients come straight from the root","der Graph hat keinen inneren Knoten: die Gradienten kommen direkt von der Wurzel","el grafo no tiene nodos internos: sus gradientes vienen directamente de la raíz","le graphe n’a pas de nœud interne : ses gradients viennent directement de la racine"],"bug.zero_grad.title":["forgotten zero_grad","zero_grad vergessen","zero_grad olvidado","zero_grad oublié"],"bug.zero_grad.text":["The next training step adds its gradients to those of the last one. Without zero_grad(), the leaves hold the sum of both.","Der nächste Trainingsschritt addiert seine Gradienten zu denen des letzten: ohne zero_grad() haben die Blätter die Summe von beiden.","El siguiente paso de entrenamiento suma sus gradientes a los del anterior: sin zero_grad(), los de las hojas son la suma de ambos.","L’étape d’entraînement suivante ajoute ses gradients à ceux de la précédente : sans zero_grad(), ceux des feuilles sont la somme des deux."],"bug.zero_grad.why":["the graph has no leaf that can be trained","der Graph hat kein Blatt, das trainiert werden kann","el grafo no tiene ninguna hoja que se pueda entrenar","le graphe n’a pas de feuille que l’on puisse entraîner"],"bug.detached.title":["detached value","abgetrennter Wert","valor desconectado","valeur détachée"],"bug.detached.text":["The value was taken out of the graph (x.data, float(x)). From there on it is a constant, and no gradient flows back.","Der Wert wurde unterwegs aus dem Graphen genommen (x.data, float(x)): von da an ist er eine Konstante, und nichts fließt zurück.","El valor se sacó del grafo por el camino (x.data, float(x)): desde ahí es una constante, y nada fluye hacia atrás.","La valeur a été sortie du graphe en chemin (x.data, float(x)) : à partir de là, c’est une constante, et rien ne reflue."],"bug.detached.why":["the graph has no inner node with a leaf below it","der Graph hat keinen inneren Knoten mit einem Blatt darunter","el grafo no tiene ningún nodo interno con una hoja debajo","le graphe n’a pas de nœud interne avec une feuille en dessous"],"bug.dead_relu.title":["dead ReLU","tote ReLU","ReLU muerta","ReLU morte"],"bug.dead_relu.text":["Where the argument of relu is negative, its derivative is 0. Nothing below it learns, whatever the rest does.","Wo das Argument einer relu negativ ist, ist ihre Ableitung 0: darunter lernt nichts, was auch immer der Rest tut.","Cuando el argumento de una relu es negativo, su derivada es 0: nada por debajo aprende, haga lo que haga el resto.","Quand l’argument d’une relu est négatif, sa dérivée est 0 : rien n’apprend en dessous, quoi que fasse le reste."],"bug.dead_relu.why":["the graph has no relu that is alive","der Graph hat keine relu, die noch lebt","el grafo no tiene ninguna relu viva","le graphe n’a pas de relu vivante"],"bug.saturated_tanh.title":["saturated tanh","gesättigter tanh","tanh saturada","tanh saturée"],"bug.saturated_tanh.text":["Far from 0, tanh is flat: 1 − tanh² is nearly 0, and so is every gradient below it.","Weit von 0 ist tanh flach: 1 − tanh² ist fast 0, und damit auch jeder Gradient darunter.","Lejos de 0, tanh es plana: 1 − tanh² es casi 0, y también todos los gradientes por debajo.","Loin de 0, tanh est plate : 1 − tanh² est presque nul, et tous les gradients en dessous aussi."],"bug.saturated_tanh.why":["the graph has no tanh","der Graph hat keinen tanh","el grafo no tiene ninguna tanh","le graphe n’a pas de tanh"],"chart.spoken":["{title}: from {first} to {last}, between {low} and {high}","{title}: von {first} bis {last}, zwischen {low} und {high}","{title}: de {first} a {last}, entre {low} y {high}","{title} : de {first} à {last}, entre {low} et {high}"],"export.menu":["Export","Export","Exportar","Exporter"],"export.svg":["Picture as SVG","Bild als SVG","Dibujo como SVG","Dessin en SVG"],"export.png":["Picture as PNG","Bild als PNG","Dibujo como PNG","Dessin en PNG"],"export.tex":["Chain rule as LaTeX","Kettenregel als LaTeX","Regla de la cadena en LaTeX","Règle de la chaîne en LaTeX"],"export.impossible":["not possible here: {error}","hier nicht möglich: {error}","aquí no es posible: {error}","impossible ici : {error}"],"export.cannot_draw":["the browser cannot draw this picture","der Browser kann dieses Bild nicht zeichnen","el navegador no puede dibujar esta imagen","le navigateur ne peut pas dessiner cette image"],"export.too_large":["the picture is too large","das Bild ist zu groß","la imagen es demasiado grande","l’image est trop grande"],"export.file":["{stem}-step-{step}","{stem}-schritt-{step}","{stem}-paso-{step}","{stem}-etape-{step}"],"export.graph":["graph","graph","grafo","graphe"],"find.label":["Find a node by label, operation or source line","Knoten nach Name, Operation oder Quellzeile suchen","Buscar un nodo por nombre, operación o línea de código","Chercher un nœud par nom, opération ou ligne de code"],"find.placeholder":["Find ( / )","Suchen ( / )","Buscar ( / )","Chercher ( / )"],"find.found":["Nodes found","Gefundene Knoten","Nodos encontrados","Nœuds trouvés"],"find.more":["{shown} shown, {more} more","{shown} gezeigt, {more} weitere","{shown} mostrados, {more} más","{shown} affichés, {more} de plus"],"find.nothing":["nothing found","nichts gefunden","nada encontrado","rien trouvé"],"count.node.one":["{count} node","{count} Knoten","{count} nodo","{count} nœud"],"count.node.other":["{count} nodes","{count} Knoten","{count} nodos","{count} nœuds"],"count.edge.one":["{count} edge","{count} Kante","{count} arista","{count} arête"],"count.edge.other":["{count} edges","{count} Kanten","{count} aristas","{count} arêtes"],"count.leaf.one":["leaf","Blatt","hoja","feuille"],"count.leaf.other":["leaves","Blätter","hojas","feuilles"],"count.constant.one":["constant","Konstante","constante","constante"],"count.constant.other":["constants","Konstanten","constantes","constantes"],"node.leaf":["leaf","Blatt","hoja","feuille"],"node.constant":["constant","Konstante","constante","constante"],"outline.depth":["depth {depths}{place}","Tiefe {depths}{place}","profundidad {depths}{place}","profondeur {depths}{place}"],"slip.right":["right","richtig","correcto","juste"],"slip.empty":["that is not a number","das ist keine Zahl","eso no es un número","ce n’est pas un nombre"],"slip.rounding":["close, but rounded too much: give three significant digits","nah dran, aber zu grob gerundet: drei geltende Ziffern angeben","casi, pero redondeado en exceso: dé tres cifras significativas","presque, mais arrondi trop grossièrement : donnez trois chiffres significatifs"],"slip.sign_rough":["the sign is flipped, and the number is rounded too much","das Vorzeichen ist verkehrt, und es ist zu grob gerundet","el signo está invertido, y el redondeo es excesivo","le signe est inversé, et l’arrondi est trop grossier"],"slip.none_of_these":["not this number: for each use, write down the upstream gradient times the local derivative","nicht diese Zahl: für jede Verwendung den ankommenden Gradienten mal die lokale Ableitung aufschreiben","no es este número: escriba, para cada uso, el gradiente que llega por la derivada local","pas ce nombre : écrivez, pour chaque utilisation, le gradient reçu multiplié par la dérivée locale"],"slip.sign":["the sign is flipped","das Vorzeichen ist verkehrt","el signo está invertido","le signe est inversé"],"slip.twice":["twice too much: each share counts once, and gradients start from 0","doppelt so viel: jeder Anteil zählt einmal, und Gradienten beginnen bei 0","el doble: cada parte cuenta una vez, y los gradientes empiezan en 0","deux fois trop : chaque part compte une fois, et les gradients partent de 0"],"slip.value":["that is the value of {node}, not its gradient","das ist der Wert von {node}, nicht sein Gradient","ese es el valor de {node}, no su gradiente","c’est la valeur de {node}, pas son gradient"],"slip.one_of":["only one of {n} contributions, the one through {through}. {node} is used {n} times: add them all","nur einer von {n} Beiträgen: der über {through}. {node} wird {n}-mal benutzt: addieren","solo una de {n} contribuciones: la que pasa por {through}. {node} se usa {n} veces: súmelas","une seule des {n} contributions : celle par {through}. {node} est utilisé {n} fois : additionnez-les"],"slip.missing":["the contribution through {through} is missing","der Beitrag über {through} fehlt","falta la contribución que pasa por {through}","la contribution par {through} manque"],"slip.product":["contributions are added, not multiplied","Beiträge werden addiert, nicht multipliziert","las contribuciones se suman, no se multiplican","les contributions s’additionnent, elles ne se multiplient pas"],"slip.local_several":["only the local derivatives: multiply each by the gradient from above","nur lokale Ableitungen: jede mit dem Gradienten multiplizieren, der von oben kommt","solo derivadas locales: multiplique cada una por el gradiente que viene de arriba","les dérivées locales seules : multipliez chacune par le gradient qui vient d’en haut"],"slip.local_factor":["that is the other factor, which is only the local derivative: multiply it by the gradient from above, {upstream}","das ist der andere Faktor des Produkts, die lokale Ableitung ohne den Gradienten von oben: mit {upstream} multiplizieren","ese es el otro factor del producto, la derivada local sin el gradiente de arriba: multiplique por {upstream}","c’est l’autre facteur du produit, la dérivée locale sans le gradient d’en haut : multipliez par {upstream}"],"slip.local":["that is only the local derivative {local}: multiply it by {upstream}","das ist nur die lokale Ableitung {local}: mit {upstream} multiplizieren","esa es solo la derivada local {local}: multiplique por {upstream}","c’est la dérivée locale {local} seule : multipliez par {upstream}"],"slip.upstream_several":["these are only the gradients from above: multiply each by its local derivative","die Gradienten von oben sind unverändert weitergegeben: jeden mit seiner lokalen Ableitung multiplizieren","los gradientes de arriba se transmiten tal cual: multiplique cada uno por su derivada local","les gradients d’en haut sont transmis tels quels : multipliez chacun par sa dérivée locale"],"slip.upstream_product":["that is only the gradient from above: multiply it by the other factor of the product, {local}","der Gradient von oben ohne die lokale Ableitung: bei einem Produkt ist das der andere Faktor, {local}","el gradiente de arriba sin la derivada local: en un producto es el otro factor, {local}","le gradient d’en haut sans la dérivée locale : pour un produit, c’est l’autre facteur, {local}"],"slip.upstream_minus":["minus changes the sign: {local} = −1","Minus kehrt das Vorzeichen um: {local} = −1","el menos cambia el signo: {local} = −1","le moins change le signe : {local} = −1"],"slip.upstream_operation":["the derivative of {operation} is missing: multiply {upstream} by {local}","die Ableitung von {operation} ist vergessen: {upstream} mit {local} multiplizieren","falta la derivada de {operation}: multiplique {upstream} por {local}","la dérivée de {operation} est oubliée : multipliez {upstream} par {local}"],"slip.upstream":["the local derivative is missing: multiply {upstream} by {local}","die lokale Ableitung ist vergessen: {upstream} mit {local} multiplizieren","falta la derivada local: multiplique {upstream} por {local}","la dérivée locale est oubliée : multipliez {upstream} par {local}"],"slip.factor":["multiplied by {node} itself: the derivative of a product is the other factor","mit {node} selbst multipliziert: die Ableitung eines Produkts ist der andere Faktor","multiplicado por el propio {node}: la derivada de un producto es el otro factor","multiplié par {node} lui-même : la dérivée d’un produit est l’autre facteur"],"slip.summand":["a sum passes the gradient on unchanged: the other summand does not matter","eine Summe gibt den Gradienten unverändert weiter: was addiert wird, spielt keine Rolle","una suma transmite el gradiente tal cual: no importa qué se suma","une somme transmet le gradient tel quel : peu importe ce qui est ajouté"],"slip.derivative":["multiplied by {node} itself, not by the derivative of {operation} at that point","mit {node} selbst multipliziert, nicht mit der Ableitung von {operation} dort","multiplicado por el propio {node}, no por la derivada de {operation} en ese punto","multiplié par {node} lui-même, pas par la dérivée de {operation} en ce point"],"slip.tanh_square":["the derivative of tanh is 1 − tanh²: the square is missing","die Ableitung von tanh ist 1 − tanh²: das Quadrat fehlt","la derivada de tanh es 1 − tanh²: falta el cuadrado","la dérivée de tanh est 1 − tanh² : il manque le carré"],"slip.tanh_result":["the derivative of tanh is 1 − tanh², of its result, not of its operand","die Ableitung von tanh ist 1 − tanh², vom Ergebnis, nicht vom Operanden","la derivada de tanh es 1 − tanh², de su resultado, no de su operando","la dérivée de tanh est 1 − tanh², de son résultat, pas de son opérande"],"slip.power_factor":["the exponent comes down as a factor: n · xⁿ⁻¹","der Exponent kommt als Faktor nach vorn: n · xⁿ⁻¹","el exponente baja como factor: n · xⁿ⁻¹","l’exposant descend comme facteur : n · xⁿ⁻¹"],"slip.power_less":["the exponent goes down by one: n · xⁿ⁻¹","der Exponent wird um eins kleiner: n · xⁿ⁻¹","el exponente disminuye en uno: n · xⁿ⁻¹","l’exposant diminue de un : n · xⁿ⁻¹"],"hint.root":["How does the root change when the root changes?","Wie ändert sich die Wurzel, wenn sich die Wurzel ändert?","¿Cómo cambia la raíz cuando cambia la raíz?","Comment change la racine quand la racine change ?"],"hint.no_path":["Is there any path from here to the root?","Gibt es überhaupt einen Pfad von hier zur Wurzel?","¿Hay alguna ruta de aquí a la raíz?","Y a-t-il un chemin d’ici à la racine ?"],"hint.used_once":["{node} is used once, in {users}: one share.","{node} wird einmal benutzt, in {users}: ein Anteil.","{node} se usa una vez, en {users}: una sola parte.","{node} est utilisé une fois, dans {users} : une seule part."],"hint.used":["{node} is used {n} times, in {users}. Add that many shares.","{node} wird {n}-mal benutzt, in {users}: ebenso viele Anteile, addiert.","{node} se usa {n} veces, en {users}: otras tantas partes, sumadas.","{node} est utilisé {n} fois, dans {users} : autant de parts, additionnées."],"solution.no_path":["{gradient} = 0: no path leads to the root","{gradient} = 0: kein Pfad führt zur Wurzel","{gradient} = 0: ninguna ruta lleva a la raíz","{gradient} = 0 : aucun chemin ne mène à la racine"],"share.of":["share of {gradient}","Anteil von {gradient}","parte de {gradient}","part de {gradient}"],"share.sum.one":["sum of {n} share","Summe von {n} Anteil","suma de {n} parte","somme de {n} part"],"share.sum.other":["sum of {n} shares","Summe von {n} Anteilen","suma de {n} partes","somme de {n} parts"],"share.more":["… ({n} more)","… ({n} weitere)","… ({n} más)","… ({n} de plus)"],"score.right":["{right} of {all} right","{right} von {all} richtig","{right} de {all} correctos","{right} sur {all} justes"],"score.shown":["{n} shown","{n} gezeigt","{n} mostrados","{n} montrés"],"score.to_go":["{n} to go","noch {n} offen","quedan {n}","encore {n}"],"score.done":["done","fertig","listo","terminé"],"help.title":["Keys","Tasten","Teclas","Touches"],"help.everywhere":["Everywhere except in a field","Überall, außer in einem Feld","En todas partes menos en un campo","Partout, sauf dans un champ"],"help.leaves":["Move leaves in the panel Leaves, by slider, number or nudge. The whole graph follows.","Der Graph folgt jeder Zahl: Blätter werden im Bereich „Blätter“ verändert, mit Regler, Zahl oder kleinem Stoß.","El grafo sigue cada número: las hojas se mueven en el panel Hojas, con el deslizador, un número o un pequeño empujón.","Le graphe suit chaque nombre : les feuilles se modifient dans le panneau Feuilles, par curseur, par nombre ou par petit pas."],"help.close":["Close","Schließen","Cerrar","Fermer"],"keys.next":["one step on","ein Schritt vor","un paso adelante","une étape en avant"],"keys.back":["one step back","ein Schritt zurück","un paso atrás","une étape en arrière"],"keys.toggle":["play, pause","abspielen, anhalten","reproducir, pausar","lecture, pause"],"keys.first":["to the start: nothing computed","zum Anfang: nichts berechnet","al principio: nada calculado","au début : rien n’est calculé"],"keys.last":["to the end: all gradients known","zum Ende: alle Gradienten bekannt","al final: todos los gradientes conocidos","à la fin : tous les gradients sont connus"],"keys.break":["run to the next breakpoint","bis zum nächsten Haltepunkt laufen","avanzar hasta el siguiente punto de parada","exécuter jusqu’au prochain point d’arrêt"],"keys.jump":["jump to the selected node's backward step","zum Rückwärtsschritt des gewählten Knotens","ir al paso hacia atrás del nodo seleccionado","aller à l’étape arrière du nœud sélectionné"],"keys.find":["find a node by label, operation or source line","Knoten nach Name, Operation oder Quellzeile suchen","buscar un nodo por nombre, operación o línea de código","chercher un nœud par nom, opération ou ligne de code"],"keys.table":["the table view","die Tabelle","la tabla","la table"],"keys.leaves":["the leaves","die Blätter","las hojas","les feuilles"],"keys.fit":["the whole graph in view","den ganzen Graphen zeigen","ver el grafo entero","tout le graphe en vue"],"keys.zoomIn":["zoom in","vergrößern","acercar","agrandir"],"keys.zoomOut":["zoom out","verkleinern","alejar","réduire"],"keys.tab":["open a panel","einen Bereich öffnen","abrir un panel","ouvrir un panneau"],"keys.escape":["leave a field, close what is open, else select nothing","ein Feld verlassen, Offenes schließen, sonst die Auswahl aufheben","salir de un campo, cerrar lo abierto o, si no, quitar la selección","quitter un champ, fermer ce qui est ouvert, sinon ne rien sélectionner"],"keys.help":["this list","diese Liste","esta lista","cette liste"],"keys.edges":["along the edges: to operands, to users","entlang der Kanten: zu Operanden, zu Benutzern","por las aristas: hacia los operandos, hacia los usos","le long des arêtes : vers les opérandes, vers les utilisateurs"],"keys.beside":["to the boxes beside","zu den Kästen daneben","a las cajas de al lado","vers les cases voisines"],"keys.select":["select a node, open a group","Knoten wählen, Gruppe öffnen","seleccionar un nodo, abrir un grupo","sélectionner un nœud, ouvrir un groupe"],"keys.close_group":["close the group around it","die umgebende Gruppe schließen","cerrar el grupo que lo rodea","fermer le groupe autour"],"keys.move":["move","verschieben","mover","déplacer"],"keys.zoom":["zoom; after a click on the graph the wheel alone is enough","zoomen; nach einem Klick in den Graphen genügt das Mausrad","zoom; tras un clic en el grafo basta la rueda","zoomer ; après un clic dans le graphe, la molette suffit"],"shown.next":["→ or n","→ oder n","→ o n","→ ou n"],"shown.back":["← or p","← oder p","← o p","← ou p"],"shown.toggle":["Space","Leertaste","Espacio","Espace"],"shown.first":["Home or 0","Pos1 oder 0","Inicio o 0","Début ou 0"],"shown.last":["End or e","Ende oder e","Fin o e","Fin ou e"],"shown.escape":["Esc","Esc","Esc","Échap"],"shown.enter":["Enter","Eingabe","Intro","Entrée"],"shown.backspace":["Backspace","Rücktaste","Retroceso","Retour arrière"],"shown.drag":["drag","ziehen","arrastrar","glisser"],"shown.wheel":["Ctrl + wheel, pinch","Strg + Mausrad, zwei Finger","Ctrl + rueda, pellizcar","Ctrl + molette, pincer"],"judged.no_gradients":["{name}: no gradients yet","{name}: noch keine Gradienten","{name}: todavía sin gradientes","{name} : pas encore de gradients"],"judged.result":["{name}: {right} of {all} gradients right","{name}: {right} von {all} Gradienten richtig","{name}: {right} de {all} gradientes correctos","{name} : {right} gradients justes sur {all}"],"judged.moved":["You moved leaves here. This judgement is about the numbers that they had in Python.","Hier wurden Blätter verändert: das Urteil gilt für die Zahlen, die sie in Python hatten.","Aquí se movieron hojas: esto se refiere a los números que tenían en Python.","Des feuilles ont été modifiées ici : ceci porte sur les nombres qu’elles avaient en Python."],"judged.what":["What probably went wrong","Was wahrscheinlich falsch lief","Lo que probablemente falló","L’erreur probable"],"judged.wrong":["Wrong ({n})","Falsch ({n})","Incorrectos ({n})","Faux ({n})"],"judged.open":["Not judged ({n})","Nicht beurteilt ({n})","Sin juzgar ({n})","Non jugés ({n})"],"judged.reason":[": {reason}",": {reason}",": {reason}"," : {reason}"],"list.more":["… and {n} more","… und {n} weitere","… y {n} más","… et {n} de plus"],"leaves.caption":["Leaves: the variables that can be moved","Blätter: die Variablen, die verändert werden können","Hojas: las variables que se pueden mover","Feuilles : les variables que l’on peut modifier"],"leaves.filter":["filter","Filter","filtrar","filtrer"],"leaves.h":["h","h","h","h"],"leaves.rate":["rate","Rate","tasa","taux"],"leaves.all":["all","alle","todas","toutes"],"leaves.reset":["Reset all","Alle zurücksetzen","Restablecer todo","Tout rétablir"],"leaves.descent":["Gradient-descent step (−)","Gradientenabstieg (−)","Descenso de gradiente (−)","Descente de gradient (−)"],"leaves.ascent":["Ascent step (+)","Aufstieg (+)","Ascenso (+)","Montée (+)"],"leaves.descent_title":["each chosen leaf − rate · gradient","jedes gewählte Blatt − Rate · Gradient","cada hoja elegida − tasa · gradiente","chaque feuille choisie − taux · gradient"],"leaves.ascent_title":["each chosen leaf + rate · gradient","jedes gewählte Blatt + Rate · Gradient","cada hoja elegida + tasa · gradiente","chaque feuille choisie + taux · gradient"],"leaves.choose":["Choose leaves first: tick the boxes before their names.","Zuerst Blätter wählen: die Kästchen vor den Namen ankreuzen.","Elija primero hojas: marque las casillas delante de sus nombres.","Choisissez d’abord des feuilles : cochez les cases devant leurs noms."],"leaves.descended.one":["{n} leaf − {rate} · gradient: {root} from {before} to {after} ({way})","{n} Blatt − {rate} · Gradient: {root} von {before} auf {after} ({way})","{n} hoja − {rate} · gradiente: {root} de {before} a {after} ({way})","{n} feuille − {rate} · gradient : {root} de {before} à {after} ({way})"],"leaves.descended.other":["{n} leaves − {rate} · gradient: {root} from {before} to {after} ({way})","{n} Blätter − {rate} · Gradient: {root} von {before} auf {after} ({way})","{n} hojas − {rate} · gradiente: {root} de {before} a {after} ({way})","{n} feuilles − {rate} · gradient : {root} de {before} à {after} ({way})"],"leaves.ascended.one":["{n} leaf + {rate} · gradient: {root} from {before} to {after} ({way})","{n} Blatt + {rate} · Gradient: {root} von {before} auf {after} ({way})","{n} hoja + {rate} · gradiente: {root} de {before} a {after} ({way})","{n} feuille + {rate} · gradient : {root} de {before} à {after} ({way})"],"leaves.ascended.other":["{n} leaves + {rate} · gradient: {root} from {before} to {after} ({way})","{n} Blätter + {rate} · Gradient: {root} von {before} auf {after} ({way})","{n} hojas + {rate} · gradiente: {root} de {before} a {after} ({way})","{n} feuilles + {rate} · gradient : {root} de {before} à {after} ({way})"],"leaves.down":["down","kleiner","baja","en baisse"],"leaves.up":["up","größer","sube","en hausse"],"leaves.same":["the same","gleich","igual","inchangé"],"leaves.bad_h":["h must be a number other than 0.","h muss eine Zahl ungleich 0 sein.","h debe ser un número distinto de 0.","h doit être un nombre différent de 0."],"leaves.some":["{most} of {count} leaves: filter by name to see others","{most} von {count} Blättern: andere zeigt der Filter nach Namen","{most} de {count} hojas: filtre por nombre para ver otras","{most} feuilles sur {count} : filtrez par nom pour voir les autres"],"leaves.no_such":["No leaf has such a name.","Kein Blatt hat so einen Namen.","Ninguna hoja tiene ese nombre.","Aucune feuille ne porte ce nom."],"leaves.none":["This graph has no leaf that can be moved.","Dieser Graph hat kein Blatt, das verändert werden kann.","Este grafo no tiene ninguna hoja que se pueda mover.","Ce graphe n’a pas de feuille que l’on puisse modifier."],"leaves.of_group":["{name} of {group}","{name} von {group}","{name} de {group}","{name} de {group}"],"leaves.slider":["{name}, slider","{name}, Regler","{name}, deslizador","{name}, curseur"],"leaves.value":["{name}, value","{name}, Wert","{name}, valor","{name}, valeur"],"leaves.in_descent":["{name}, in the descent step","{name}, beim Gradientenabstieg","{name}, en el descenso de gradiente","{name}, dans la descente de gradient"],"leaves.plus_h":["+ h","+ h","+ h","+ h"],"leaves.nudge_label":["nudge {name} by h","{name} um h verändern","mover {name} en h","décaler {name} de h"],"leaves.nudge_own":["{name} + {h}: the path goes through an operation of your own, which this page cannot recompute","{name} + {h}: auf dem Weg ist eine eigene Operation, die hier nicht neu berechnet wird","{name} + {h}: en el camino hay una operación propia, que aquí no se recalcula","{name} + {h} : une opération personnelle est en chemin, elle n’est pas recalculée ici"],"leaves.nudge_hidden":["{name} + {h}: predicted change of {root} = {gradient} · h = ? · {h} = ?, actual {actual}","{name} + {h}: vorhergesagte Änderung von {root} = {gradient} · h = ? · {h} = ?, tatsächlich {actual}","{name} + {h}: cambio previsto de {root} = {gradient} · h = ? · {h} = ?, real {actual}","{name} + {h} : changement prévu de {root} = {gradient} · h = ? · {h} = ?, réel {actual}"],"leaves.nudge":["{name} + {h}: predicted change of {root} = {gradient} · h = {slope} · {h} = {guess}, actual {actual}; they differ by {missed}","{name} + {h}: vorhergesagte Änderung von {root} = {gradient} · h = {slope} · {h} = {guess}, tatsächlich {actual}; Unterschied {missed}","{name} + {h}: cambio previsto de {root} = {gradient} · h = {slope} · {h} = {guess}, real {actual}; difieren en {missed}","{name} + {h} : changement prévu de {root} = {gradient} · h = {slope} · {h} = {guess}, réel {actual} ; écart {missed}"],"term.leaf":["leaf","Blatt","hoja","feuille"],"term.node":["node","Knoten","nodo","nœud"],"term.name":["name","Name","nombre","nom"],"term.value":["value","Wert","valor","valeur"],"term.gradient":["gradient","Gradient","gradiente","gradient"],"term.nudge":["nudge","Stoß","empujón","petit pas"],"term.operation":["operation","Operation","operación","opération"],"term.operand":["operand","Operand","operando","opérande"],"term.operands":["operands","Operanden","operandos","opérandes"],"term.local":["local derivative","lokale Ableitung","derivada local","dérivée locale"],"term.locals":["local derivatives","lokale Ableitungen","derivadas locales","dérivées locales"],"term.difference":["difference","Unterschied","diferencia","différence"],"node.when_found":["shown when the gradient is found","sichtbar, wenn der Gradient gefunden ist","se muestra cuando se encuentra el gradiente","affiché quand le gradient est trouvé"],"node.when_through":["shown when backpropagation is finished","sichtbar, wenn der Rückwärtsdurchlauf fertig ist","se muestra cuando termina la retropropagación","affiché quand la rétropropagation est terminée"],"node.agrees":["✓ agrees with the central difference {difference}","✓ stimmt mit dem zentralen Differenzenquotienten {difference} überein","✓ coincide con la diferencia central {difference}","✓ concorde avec la différence centrée {difference}"],"node.disagrees":["✗ the central difference is {difference}","✗ der zentrale Differenzenquotient ist {difference}","✗ la diferencia central es {difference}","✗ la différence centrée est {difference}"],"node.cannot_tell":["cannot be checked: the central difference is {difference} (there is a kink, a number that is not finite, or one that this page cannot recompute)","nicht zu entscheiden: der zentrale Differenzenquotient ist {difference} (ein Knick, eine nicht endliche Zahl oder eine, die hier nicht neu berechnet wird)","no se puede decidir: la diferencia central es {difference} (un punto anguloso, un número no finito o uno que aquí no se recalcula)","indécidable : la différence centrée est {difference} (un point anguleux, un nombre qui n’est pas fini, ou un nombre qui n’est pas recalculé ici)"],"node.not_derivative":["⚠ {gradient} is not the derivative: backward() was called more than once, or a rule is wrong","⚠ {gradient}: nicht die Ableitung. backward() wurde mehr als einmal aufgerufen, oder eine Regel ist falsch","⚠ {gradient}: no es la derivada. backward() se llamó más de una vez, o una regla es incorrecta","⚠ {gradient} : ce n’est pas la dérivée. backward() a été appelé plus d’une fois, ou une règle est fausse"],"node.nothing":["Nothing is selected. Click a node, or find one by name (/).","Nichts ist gewählt. Einen Knoten anklicken oder nach Namen suchen (/).","No hay nada seleccionado. Pulse un nodo, o búsquelo por su nombre (/).","Rien n’est sélectionné. Cliquez sur un nœud, ou cherchez-en un par son nom (/)."],"node.stale":["out of date","veraltet","desactualizado","périmé"],"node.none":["none: a constant","keiner: eine Konstante","ninguno: una constante","aucun : une constante"],"node.in_python":["in Python","in Python","en Python","dans Python"],"node.in_class":["in {name}","in {name}","en {name}","dans {name}"],"node.right":["right gradient","richtiger Gradient","gradiente correcto","bon gradient"],"node.check":["check","Kontrolle","control","contrôle"],"node.recomputed":["recomputed here","hier neu berechnet","se recalcula aquí","recalculé ici"],"node.frozen":["no: this is an operation of your own, so its value does not change","nein: eine eigene Operation, ihr Wert bleibt, wie er war","no: una operación propia, su valor se queda como estaba","non : une opération personnelle, sa valeur reste telle quelle"],"node.group":["group","Gruppe","grupo","groupe"],"node.source":["source","Quelle","origen","source"],"node.to_forward":["Go to its forward step","Zum Vorwärtsschritt","Ir a su paso hacia delante","À son étape avant"],"node.to_backward":["Go to its backward step","Zum Rückwärtsschritt","Ir a su paso hacia atrás","À son étape arrière"],"node.move":["Move it","Verändern","Moverla","La modifier"],"node.paths":["Its paths","Pfade von hier","Sus rutas","Ses chemins"],"node.unknown":["not known at this step","bei diesem Schritt nicht bekannt","desconocido en este paso","inconnu à cette étape"],"node.operands":["Operands ({n})","Operanden ({n})","Operandos ({n})","Opérandes ({n})"],"node.is_root":["This is the root: nothing uses it.","Das ist die Wurzel: nichts benutzt sie.","Esta es la raíz: nada la usa.","C’est la racine : rien ne l’utilise."],"node.unused":["Nothing uses it.","Nichts benutzt ihn.","Nada lo usa.","Rien ne l’utilise."],"node.used_by":["Used by ({n})","Benutzt von ({n})","Lo usan ({n})","Utilisé par ({n})"],"node.gradient":["Gradient","Gradient","Gradiente","Gradient"],"node.not_yet":["{left} = {product}: not yet","{left} = {product}: noch nicht","{left} = {product}: todavía no","{left} = {product} : pas encore"],"node.its_gradient":["Its gradient","Sein Gradient","Su gradiente","Son gradient"],"node.its_sum":["Its gradient: the sum of {n} shares","Sein Gradient: die Summe von {n} Anteilen","Su gradiente: la suma de {n} partes","Son gradient : la somme de {n} parts"],"node.no_gradient":["There is no gradient, because no path leads from here to the root.","Kein Gradient kommt an: kein Pfad führt von hier zur Wurzel.","No llega ningún gradiente: ninguna ruta lleva de aquí a la raíz.","Aucun gradient n’arrive : aucun chemin ne mène d’ici à la racine."],"paths.about":["about {mantissa} · 10^{exponent}","etwa {mantissa} · 10^{exponent}","unos {mantissa} · 10^{exponent}","environ {mantissa} · 10^{exponent}"],"paths.click":["Click a leaf: every path from it to the root is listed here.","Ein Blatt anklicken: hier erscheint jeder Pfad von ihm zur Wurzel.","Pulse una hoja: aquí aparecen todas las rutas de ella a la raíz.","Cliquez sur une feuille : tous ses chemins vers la racine apparaissent ici."],"paths.title":["From {from} to {to}","Von {from} zu {to}","De {from} a {to}","De {from} à {to}"],"paths.constant":["A constant has no gradient, so its paths do not matter.","Eine Konstante hat keinen Gradienten und damit keinen Pfad, der zählt.","Una constante no tiene gradiente y, por tanto, ninguna ruta que cuente.","Une constante n’a pas de gradient, donc aucun chemin qui compte."],"paths.exercise":["This gradient is part of the exercise: find it first, then come back.","Dieser Gradient gehört zur Übung: zuerst finden, dann hierher zurückkommen.","Este gradiente es parte del ejercicio: encuéntrelo primero y vuelva después.","Ce gradient fait partie de l’exercice : trouvez-le d’abord, puis revenez."],"paths.counted":["{count} paths, too many to list. Backpropagation sums them all without following each one.","{count} Pfade: gezählt, nicht aufgelistet. Backpropagation summiert sie alle, ohne jeden einzeln zu gehen.","{count} rutas: contadas, no listadas. La retropropagación las suma todas sin recorrer cada una.","{count} chemins : comptés, pas listés. La rétropropagation les additionne tous sans parcourir chacun."],"paths.none":["No path from here to the root carries a gradient, so the gradient is 0.","Kein Pfad, der einen Gradienten weitergibt, führt von hier zur Wurzel: der Gradient ist 0.","Ninguna ruta que transmita un gradiente lleva de aquí a la raíz: el gradiente es 0.","Aucun chemin qui transmet un gradient ne mène d’ici à la racine : le gradient est 0."],"paths.each.one":["{count} path, each with its product of local derivatives; their sum is the gradient.","{count} Pfad mit seinem Produkt der lokalen Ableitungen; das ist der Gradient.","{count} ruta con su producto de derivadas locales; es el gradiente.","{count} chemin avec son produit de dérivées locales ; c’est le gradient."],"paths.each.other":["{count} paths, each with its product of local derivatives; their sum is the gradient.","{count} Pfade, jeder mit seinem Produkt der lokalen Ableitungen; ihre Summe ist der Gradient.","{count} rutas, cada una con su producto de derivadas locales; su suma es el gradiente.","{count} chemins, chacun avec son produit de dérivées locales ; leur somme est le gradient."],"paths.more":["… {n} more …","… {n} weitere …","… {n} más …","… {n} de plus …"],"quiz.moved":["You moved a leaf. The answers belong to the original numbers of the exercise. ","Ein Blatt wurde verändert. Gefragt sind die Antworten zu den ursprünglichen Zahlen der Übung. ","Se movió una hoja. Las respuestas son las de los números originales del ejercicio. ","Une feuille a été modifiée. Les réponses sont celles des nombres d’origine de l’exercice. "],"quiz.put_back":["Put them back","Zurücksetzen","Restablecerlos","Les rétablir"],"quiz.worked":["Worked solution","Lösungsweg","Solución detallada","Solution détaillée"],"quiz.later":["The worked solution opens once every gradient has an answer.","Der Lösungsweg öffnet sich, sobald jeder Gradient eine Antwort hat.","La solución detallada se abre cuando cada gradiente tiene una respuesta.","La solution détaillée s’ouvre quand chaque gradient a une réponse."],"quiz.again":["Start over","Neu beginnen","Empezar de nuevo","Recommencer"],"quiz.erase":["Erase all answers?","Alle Antworten löschen?","¿Borrar todas las respuestas?","Effacer toutes les réponses ?"],"quiz.answers":["Answers","Antworten","Respuestas","Réponses"],"quiz.check":["Check","Prüfen","Comprobar","Vérifier"],"quiz.sealed":["This page does not check your answers. Hand them in to have them graded.","Diese Seite prüft die Antworten nicht. Sie werden nach der Abgabe bewertet.","Esta página no comprueba las respuestas. Entréguelas para que se califiquen.","Cette page ne vérifie pas les réponses. Rendez-les pour les faire corriger."],"quiz.line_label":["My answers as a line of text","Meine Antworten als Textzeile","Mis respuestas como una línea de texto","Mes réponses en une ligne de texte"],"quiz.title":["Find the gradients","Die Gradienten finden","Encuentre los gradientes","Trouver les gradients"],"quiz.task":["Find each gradient, starting at the output. Multiply the gradient that you already have by the local derivative on the edge. If a value is used more than once, add the results. Three significant digits are enough.","Jeden Gradienten bestimmen, vom Ergebnis aus rückwärts: den schon bekannten Gradienten mit der lokalen Ableitung an der Kante multiplizieren. Wird ein Wert mehrfach verwendet, die Beiträge addieren. Drei geltende Ziffern genügen.","Halle cada gradiente empezando por la salida: multiplique el gradiente ya conocido por la derivada local de la arista. Si un valor se usa varias veces, sume las contribuciones. Bastan tres cifras significativas.","Déterminez chaque gradient en partant de la sortie : multipliez le gradient déjà connu par la dérivée locale de l’arête. Si une valeur sert plusieurs fois, additionnez les contributions. Trois chiffres significatifs suffisent."],"quiz.task_of_seed":["Find each gradient, starting at the output. Multiply the gradient that you already have by the local derivative on the edge. If a value is used more than once, add the results. Three significant digits are enough. (These numbers belong to seed {seed}.)","Jeden Gradienten bestimmen, vom Ergebnis aus rückwärts: den schon bekannten Gradienten mit der lokalen Ableitung an der Kante multiplizieren. Wird ein Wert mehrfach verwendet, die Beiträge addieren. Drei geltende Ziffern genügen. (Zahlen zum Startwert {seed}.)","Halle cada gradiente empezando por la salida: multiplique el gradiente ya conocido por la derivada local de la arista. Si un valor se usa varias veces, sume las contribuciones. Bastan tres cifras significativas. (Números de la semilla {seed}.)","Déterminez chaque gradient en partant de la sortie : multipliez le gradient déjà connu par la dérivée locale de l’arête. Si une valeur sert plusieurs fois, additionnez les contributions. Trois chiffres significatifs suffisent. (Nombres de la graine {seed}.)"],"quiz.copy":["Copy my answers","Antworten kopieren","Copiar mis respuestas","Copier mes réponses"],"quiz.save":["Save","Speichern","Guardar","Enregistrer"],"quiz.gradient_of":["gradient of {name}","Gradient von {name}","gradiente de {name}","gradient de {name}"],"quiz.hint":["Hint","Tipp","Pista","Indice"],"quiz.hint_for":["Hint for {name}","Tipp zu {name}","Pista para {name}","Indice pour {name}"],"quiz.copied":["Copied. Paste this line where your teacher asks for it.","Kopiert. Die Zeile dort einfügen, wo die Lehrperson danach fragt.","Copiado. Pegue esta línea donde se la pidan en clase.","Copié. Collez cette ligne là où l’enseignant la demande."],"quiz.no_clipboard":["This page may not use the clipboard. The line is selected: copy it with Ctrl+C or ⌘C.","Diese Seite darf die Zwischenablage nicht benutzen. Die Zeile ist markiert: mit Strg+C oder ⌘C kopieren.","Esta página no puede usar el portapapeles. La línea está seleccionada: cópiela con Ctrl+C o ⌘C.","Cette page ne peut pas utiliser le presse-papiers. La ligne est sélectionnée : copiez-la avec Ctrl+C ou ⌘C."],"quiz.saved":["Saved as {name}.","Gespeichert als {name}.","Guardado como {name}.","Enregistré sous {name}."],"quiz.file":["answers {name}","antworten {name}","respuestas {name}","reponses {name}"],"quiz.answered":["{n} of {all} answered","{n} von {all} beantwortet","{n} de {all} respondidos","{n} réponses sur {all}"],"verdict.right":["✓ right","✓ richtig","✓ correcto","✓ juste"],"step.latex":["LaTeX of the chain rule","Kettenregel als LaTeX","Regla de la cadena en LaTeX","Règle de la chaîne en LaTeX"],"step.copy":["Copy LaTeX","LaTeX kopieren","Copiar LaTeX","Copier le LaTeX"],"step.copied":["copied","kopiert","copiado","copié"],"step.select":["select the text and copy it","den Text markieren und kopieren","seleccione el texto y cópielo","sélectionnez le texte et copiez-le"],"step.mistake":["A mistake is switched on in the bug lab. Here you see the correct step.","Im Bereich „Fehler“ ist ein Fehler eingeschaltet; hier steht, wie der Schritt richtig geht.","Hay un error activado en el panel Errores; así es el paso correcto.","Une erreur est activée dans le panneau Bugs ; voici l’étape correcte."],"step.start":["The leaves have their values. Step on (→) to compute the nodes one by one, then to send gradients back.","Die Blätter haben ihre Werte. Weiter (→) berechnet die Knoten einen nach dem anderen und gibt dann die Gradienten zurück.","Las hojas tienen sus valores. Avance (→) para calcular los nodos uno a uno y, después, enviar los gradientes hacia atrás.","Les feuilles ont leurs valeurs. Avancez (→) pour calculer les nœuds un par un, puis pour renvoyer les gradients."],"step.locals":["Local derivatives","Lokale Ableitungen","Derivadas locales","Dérivées locales"],"step.more_operands":["… and {n} operands more","… und {n} weitere Operanden","… y {n} operandos más","… et {n} opérandes de plus"],"step.constant":["constant: no gradient","Konstante: kein Gradient","constante: sin gradiente","constante : pas de gradient"],"step.operands":["Operands of this step","Operanden dieses Schritts","Operandos de este paso","Opérandes de cette étape"],"step.seed":["Backpropagation starts here. The derivative of the root with respect to itself is 1. Every other gradient is 0 until a share arrives.","Hier beginnt Backpropagation: die Wurzel nach sich selbst abgeleitet ist 1. Jeder andere Gradient ist 0, bis ein Anteil kommt.","La retropropagación empieza aquí: la raíz derivada respecto de sí misma es 1. Todo otro gradiente es 0 hasta que llega una parte.","La rétropropagation commence ici : la racine dérivée par elle-même donne 1. Tout autre gradient est 0 jusqu’à ce qu’une part arrive."],"step.passes":["{node} has {gradient} and passes it on:","{node} hat {gradient} und gibt das weiter:","{node} tiene {gradient} y lo transmite:","{node} a {gradient} et le transmet :"],"step.is_constant":["{node} is a constant: it gets no gradient.","{node} ist eine Konstante und bekommt keinen Gradienten.","{node} es una constante: no recibe gradiente.","{node} est une constante : elle ne reçoit pas de gradient."],"step.not_chosen":["{node} was not chosen: it gets nothing.","{node} wurde nicht gewählt und bekommt nichts.","{node} no fue elegido: no recibe nada.","{node} n’a pas été choisi : il ne reçoit rien."],"step.shares_so_far":["Shares of {gradient}: {n} of {all} so far","Anteile von {gradient}: bisher {n} von {all}","Partes de {gradient}: {n} de {all} hasta ahora","Parts de {gradient} : {n} sur {all} jusqu’ici"],"step.shares_all":["Shares of {gradient}: all {all}","Anteile von {gradient}: alle {all}","Partes de {gradient}: todas, {all}","Parts de {gradient} : toutes les {all}"],"phase.forward":["forward","vorwärts","hacia delante","avant"],"phase.backward":["backward","rückwärts","hacia atrás","arrière"],"where.start":["step 0 of {total} · nothing computed yet","Schritt 0 von {total} · noch nichts berechnet","paso 0 de {total} · todavía nada calculado","étape 0 sur {total} · rien n’est encore calculé"],"where.seed":["step {t} of {total} · backward · start at {node}","Schritt {t} von {total} · rückwärts · Start bei {node}","paso {t} de {total} · hacia atrás · inicio en {node}","étape {t} sur {total} · arrière · départ de {node}"],"where.step":["step {t} of {total} · {phase} · {sign} → {node}","Schritt {t} von {total} · {phase} · {sign} → {node}","paso {t} de {total} · {phase} · {sign} → {node}","étape {t} sur {total} · {phase} · {sign} → {node}"],"spoken.start":["step 0 of {total}, nothing computed yet","Schritt 0 von {total}, noch nichts berechnet","paso 0 de {total}, todavía nada calculado","étape 0 sur {total}, rien n’est encore calculé"],"spoken.seed":["step {t} of {total}, backward, start at {node}: its gradient is 1","Schritt {t} von {total}, rückwärts, Start bei {node}: der Gradient ist 1","paso {t} de {total}, hacia atrás, inicio en {node}: su gradiente es 1","étape {t} sur {total}, arrière, départ de {node} : son gradient est 1"],"spoken.forward":["step {t} of {total}, forward, {sign} makes {node}: value {value}","Schritt {t} von {total}, vorwärts, {sign} ergibt {node}: Wert {value}","paso {t} de {total}, hacia delante, {sign} da {node}: valor {value}","étape {t} sur {total}, avant, {sign} donne {node} : valeur {value}"],"spoken.backward":["step {t} of {total}, backward, {sign} makes {node}","Schritt {t} von {total}, rückwärts, {sign} ergibt {node}","paso {t} de {total}, hacia atrás, {sign} da {node}","étape {t} sur {total}, arrière, {sign} donne {node}"],"spoken.gradient":["gradient of {node} {gradient}","Gradient von {node} {gradient}","gradiente de {node} {gradient}","gradient de {node} {gradient}"],"spoken.hidden":["gradient of {node} to be found","Gradient von {node} gesucht","gradiente de {node} por encontrar","gradient de {node} à trouver"],"table.label":["Table of nodes","Tabelle der Knoten","Tabla de nodos","Table des nœuds"],"table.earlier":["Earlier rows","Frühere Zeilen","Filas anteriores","Lignes précédentes"],"table.later":["Later rows","Spätere Zeilen","Filas siguientes","Lignes suivantes"],"table.rows":["rows {from}–{to} of {all}","Zeilen {from}–{to} von {all}","filas {from}–{to} de {all}","lignes {from}–{to} sur {all}"],"table.in_all":["… {n} in all","… insgesamt {n}","… {n} en total","… {n} en tout"],"table.caption":["{n} nodes after step {t} of {total}; operands come before results","{n} Knoten nach Schritt {t} von {total}; Operanden stehen vor dem, was aus ihnen entsteht","{n} nodos tras el paso {t} de {total}; los operandos van antes de lo que se hace con ellos","{n} nœuds après l’étape {t} sur {total} ; les opérandes précèdent ce qui en est fait"],"time.recorded":["Recorded step","Aufgezeichneter Schritt","Paso registrado","Étape enregistrée"],"time.nothing":["nothing","nichts","nada","rien"],"time.all":["all nodes","alle Knoten","todos los nodos","tous les nœuds"],"time.earlier":["Earlier recorded step","Früherer aufgezeichneter Schritt","Paso registrado anterior","Étape enregistrée précédente"],"time.later":["Later recorded step","Späterer aufgezeichneter Schritt","Paso registrado siguiente","Étape enregistrée suivante"],"time.compare":["compare with","vergleichen mit","comparar con","comparer avec"],"time.step":["training step {step}","Trainingsschritt {step}","paso de entrenamiento {step}","étape d’entraînement {step}"],"time.kept":["{step}, {k} of {all} kept","{step}, {k} von {all} behaltenen","{step}, {k} de {all} guardados","{step}, {k} sur {all} gardées"],"time.value_over":["{node}: value over the steps","{node}: Wert über die Schritte","{node}: valor a lo largo de los pasos","{node} : valeur au fil des étapes"],"time.gradient_over":["{node}: gradient over the steps","{node}: Gradient über die Schritte","{node}: gradiente a lo largo de los pasos","{node} : gradient au fil des étapes"],"time.value_of":["value of {node}","Wert von {node}","valor de {node}","valeur de {node}"],"time.always_1":["The gradient of {node} is always 1. Select a node to see its own.","Der Gradient von {node} ist immer 1. Ein gewählter Knoten zeigt seinen eigenen.","El gradiente de {node} es siempre 1. Seleccione un nodo para ver el suyo.","Le gradient de {node} est toujours 1. Sélectionnez un nœud pour voir le sien."],"time.choose":["Choose a second step to see both side by side.","Ein zweiter Schritt zeigt beide nebeneinander.","Elija un segundo paso para ver ambos lado a lado.","Choisissez une deuxième étape pour voir les deux côte à côte."],"time.two":["Two recorded steps side by side","Zwei aufgezeichnete Schritte nebeneinander","Dos pasos registrados lado a lado","Deux étapes enregistrées côte à côte"],"time.beside":["{a} beside {b}","{a} neben {b}","{a} junto a {b}","{a} à côté de {b}"],"time.beside_last":["{a} beside {b}; the last {n} nodes","{a} neben {b}; die letzten {n} Knoten","{a} junto a {b}; los últimos {n} nodos","{a} à côté de {b} ; les {n} derniers nœuds"],"box.not_computed":["{node}: not computed yet","{node}: noch nicht berechnet","{node}: todavía no calculado","{node} : pas encore calculé"],"box.operation":["operation {sign} of {operands}","Operation {sign} von {operands}","operación {sign} de {operands}","opération {sign} de {operands}"],"box.to_be_found":["gradient: to be found","Gradient: gesucht","gradiente: por encontrar","gradient : à trouver"],"box.gradient":["gradient {gradient}","Gradient {gradient}","gradiente {gradient}","gradient {gradient}"],"box.no_gradient":["no gradient yet","noch kein Gradient","todavía sin gradiente","pas encore de gradient"],"box.made_at":["made at {source}","entstanden bei {source}","creado en {source}","créé à {source}"],"box.agrees.yes":["gradient agrees with the central difference","der Gradient stimmt mit dem zentralen Differenzenquotienten überein","el gradiente coincide con la diferencia central","le gradient concorde avec la différence centrée"],"box.agrees.no":["gradient does not agree with the central difference","der Gradient stimmt nicht mit dem zentralen Differenzenquotienten überein","el gradiente no coincide con la diferencia central","le gradient ne concorde pas avec la différence centrée"],"box.agrees.unknown":["agreement with the central difference cannot be checked","ob der Gradient mit dem zentralen Differenzenquotienten übereinstimmt, ist nicht zu entscheiden","no se puede decidir si coincide con la diferencia central","l’accord avec la différence centrée est indécidable"],"box.not_finite":["holds gradients or values that are not finite","enthält Gradienten oder Werte, die nicht endlich sind","contiene gradientes o valores no finitos","contient des gradients ou des valeurs qui ne sont pas finis"],"box.open":["open with a click or Enter","öffnen mit einem Klick oder der Eingabetaste","abrir con un clic o Intro","ouvrir d’un clic ou avec Entrée"],"box.close":["close with a click or Enter","schließen mit einem Klick oder der Eingabetaste","cerrar con un clic o Intro","fermer d’un clic ou avec Entrée"],"box.grad":["grad","grad","grad","grad"],"marks.wrong":["first wrong: should be {right}","erster Fehler: richtig ist {right}","primer error: lo correcto es {right}","première erreur : le bon est {right}"],"marks.legend":["grad {low}","grad {low}","grad {low}","grad {low}"],"sight.wheel":["Ctrl + wheel zooms. So does the wheel after a click.","Strg + Mausrad zoomt. Nach einem Klick genügt das Mausrad.","Ctrl + rueda hace zoom. Tras un clic basta la rueda.","Ctrl + molette pour zoomer. Après un clic, la molette suffit."],"sight.wheel_mac":["⌘ + wheel zooms. So does the wheel after a click.","⌘ + Mausrad zoomt. Nach einem Klick genügt das Mausrad.","⌘ + rueda hace zoom. Tras un clic basta la rueda.","⌘ + molette pour zoomer. Après un clic, la molette suffit."],"sight.left":["← more","← mehr","← más","← suite"],"sight.right":["more →","mehr →","más →","suite →"],"sight.up":["↑ more","↑ mehr","↑ más","↑ suite"],"sight.down":["↓ more","↓ mehr","↓ más","↓ suite"],"sight.left_label":["Show more to the left","Mehr nach links zeigen","Mostrar más a la izquierda","Montrer la suite à gauche"],"sight.right_label":["Show more to the right","Mehr nach rechts zeigen","Mostrar más a la derecha","Montrer la suite à droite"],"sight.up_label":["Show more above","Mehr nach oben zeigen","Mostrar más arriba","Montrer la suite au-dessus"],"sight.down_label":["Show more below","Mehr nach unten zeigen","Mostrar más abajo","Montrer la suite en dessous"],"graph.label":["Graph; arrow keys follow the edges","Graph; Pfeiltasten folgen den Kanten","Grafo; las flechas siguen las aristas","Graphe ; les flèches suivent les arêtes"],"graph.turn":["From left to right, or from top to bottom","Von links nach rechts oder von oben nach unten","De izquierda a derecha, o de arriba abajo","De gauche à droite, ou de haut en bas"],"graph.open":["Open all","Alle öffnen","Abrir todo","Tout ouvrir"],"graph.open_label":["Open all groups","Alle Gruppen öffnen","Abrir todos los grupos","Ouvrir tous les groupes"],"graph.close":["Close all","Alle schließen","Cerrar todo","Tout fermer"],"graph.close_label":["Close all groups","Alle Gruppen schließen","Cerrar todos los grupos","Fermer tous les groupes"],"graph.zoom_out":["Zoom out","Verkleinern","Alejar","Réduire"],"graph.zoom_in":["Zoom in","Vergrößern","Acercar","Agrandir"],"graph.fit":["Fit","Einpassen","Ajustar","Ajuster"],"graph.fit_label":["Fit the whole graph","Den ganzen Graphen einpassen","Ajustar el grafo entero","Ajuster tout le graphe"],"print.name":["Name:","Name:","Nombre:","Nom :"],"print.date":["Date:","Datum:","Fecha:","Date :"],"document.none":["this is not a document of glassgrad's player","das ist kein Dokument für den Player von glassgrad","este no es un documento del reproductor de glassgrad","ce n’est pas un document du lecteur de glassgrad"],"document.version":["the document must have version {known}, got {found}: make the page again","das Dokument hat Version {found}, der Player liest Version {known}: die Seite neu erzeugen","el documento tiene la versión {found}, el reproductor lee la versión {known}: genere la página de nuevo","le document a la version {found}, le lecteur lit la version {known} : refaites la page"],"share.rest":["… {n} more","… {n} weitere","… {n} más","… {n} de plus"]};var dn="en",hn=je.indexOf(dn),hs=new Intl.PluralRules(dn);function ce(n){let e=je.indexOf(n);e!==hn&&(hn=e,hs=new Intl.PluralRules(n))}function ds(n={}){Object.assign(ut,n)}function ps(...n){return n.map(t=>String(t??"").toLowerCase().split(/[-_]/)[0]).find(t=>je.includes(t))??dn}function u(n,e={}){return(ut[n]??ut[`${n}.${hs.select(e.n)}`]??ut[`${n}.other`])[hn].replace(/\{(\w+)\}/g,(s,r)=>we(e[r]))}function we(n){return Array.isArray(n)?n.map(we).join("; "):n?.key?u(n.key,n.values):String(n)}var Vo={"*":"×","-":"−",neg:"−","/":"÷"};function y(n,e=4){if(n==null)return"–";if(Number.isNaN(n))return"NaN";if(!Number.isFinite(n))return n>0?"∞":"−∞";if(n===0)return"0";let t=Number(n.toPrecision(e)),s=Math.abs(t);if(s>=1e-4&&s<10**(e+2))return String(t).replace("-","−");let[r,o]=n.toExponential(e-1).split("e");return`${Number(r)}e${Number(o)}`.replaceAll("-","−")}var pn=9;function ve(n){for(let e=4;e>1;e--){let t=y(n,e);if(t.length<=pn)return t}return y(n,1)}function fs(n,e=4){let t=y(n,e);return/^[−–N]/.test(t)?t:`+${t}`}function oe(n){return String(n).replace(/\B(?=(\d{3})+$)/g,",")}function ms(n){return n<1e4?oe(n):n<999500?`${Math.round(n/1e3)}k`:`${Number((n/1e6).toPrecision(3))}M`}function ht(n,e){return u(`count.${e}`,{n,count:oe(n)})}function _e(n){return Vo[n]??n}var gs=globalThis.Intl?.Segmenter?new Intl.Segmenter(void 0,{granularity:"grapheme"}):null;function Xo(n){return gs?Array.from(gs.segment(n),e=>e.segment):Array.from(n)}function ie(n,e){if(n.length<=e)return n;let t=Xo(n);return t.length<=e?n:`${t.slice(0,e-1).join("")}…`}var Zo=[318,401,460,838,636,950,780,275,390,390,500,838,318,361,318,337,636,636,636,636,636,636,636,636,636,636,337,337,838,838,838,531,1e3,684,686,698,770,632,575,775,752,295,295,656,557,863,748,787,603,787,695,635,611,732,684,989,685,611,685,390,337,390,838,500,500,613,635,550,635,615,352,635,634,278,278,579,278,974,634,612,635,635,411,521,392,634,592,818,592,592,525,636,337,636,838],Yo=/\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u,Jo=/^[\p{M}\p{Cf}]$/u,Qo=1.12,ei=720,bs=new Map([["×",838],["−",838],["…",1e3],["·",318],["∂",517],["÷",838],["–",500],["∞",833]]);function xe(n,e,t=!1){let s=0;for(let r of n){let o=r.codePointAt(0);s+=o>=32&&o<127?Zo[o-32]:bs.get(r)??ti(r)}return s/1e3*e*(t?Qo:1)}function ti(n){let e=Jo.test(n)?0:Yo.test(n)?1300:ei;return bs.set(n,e),e}var ni=4;function St(n,e){if(!Number.isFinite(n))return"bad";if(n===0)return"zero";let t=e>0?Math.ceil(ni*Math.sqrt(Math.min(Math.abs(n)/e,1))):1;return`${n>0?"plus":"minus"}${Math.max(t,1)}`}function ws(n,e,t,s){let r=new Int32Array(n+1);for(let a=t;a<e.length;a+=2)r[e[a]+1]++;for(let a=0;a<n;a++)r[a+1]+=r[a];let o=r.slice(),i=new Int32Array(e.length/2);for(let a=0;a<e.length;a+=2)i[o[e[a+t]]++]=e[a+s];return{start:r,ends:i}}function vs(n,e){let{start:t,ends:s}=ws(n,e,0,1),r=new Int32Array(n),o=new Int32Array(n),i=new Uint8Array(n),a=t.slice(),l=[],c=[],h=[],d=0;for(let p=0;p<n;p++)if(!r[p])for(l.push(p);l.length;){let f=l.at(-1);if(r[f]||(r[f]=o[f]=++d,i[f]=1,c.push(f)),a[f]<t[f+1]){let b=s[a[f]++];r[b]?i[b]&&(o[f]=Math.min(o[f],r[b])):l.push(b);continue}if(l.pop(),l.length&&(o[l.at(-1)]=Math.min(o[l.at(-1)],o[f])),o[f]!==r[f])continue;let m=c.at(-1)===f;for(let b=-1;b!==f;)b=c.pop(),i[b]=0,m||h.push(b)}return h}function Et(n,e){let{start:t,ends:s}=ws(n,e,1,0),r=new Int32Array(n);for(let c=0;c<e.length;c+=2)r[e[c]]++;let o=new Int32Array(n),i=new Int32Array(n),a=0;for(let c=0;c<n;c++)r[c]||(i[a++]=c);let l=0;for(let c=0;c<a;c++){let h=i[c];for(let d=t[h];d<t[h+1];d++){let p=s[d];o[p]<=o[h]&&(o[p]=o[h]+1),--r[p]||(i[a++]=p,l=Math.max(l,o[p]))}}return o.map(c=>l-c)}var si=14,ri=9,oi=34,ii=200,ai=.2,li=12e3,ci=1500;function xs(n,e){if(!n.length)return{start:[],middle:[],routes:[],length:0,breadth:0};let t=new gn(n,e);return t.sort(),t.settle(),t.result()}function ui(n,e){let t=new Int32Array(2*e.length);e.forEach(({tail:h,head:d},p)=>{t[2*p]=h,t[2*p+1]=d});let s=Array.from(Et(n.length,t)),r=1/0,o=-1/0;n.forEach((h,d)=>{h.place!=="first"&&(r=Math.min(r,s[d]),o=Math.max(o,s[d]))}),r===1/0&&(r=o=0);let a=n.some(h=>h.place==="last")&&n.some((h,d)=>h.place===""&&s[d]===o),l=o;a&&(l=o+1,n.forEach((h,d)=>h.place==="last"&&(s[d]=l)));let c=n.some(h=>h.place==="first");return n.forEach((h,d)=>s[d]=h.place==="first"?0:s[d]-r+(c?1:0)),s}var gn=class{constructor(e,t){this.vertices=e,this.edges=t,this.real=e.length,this.rank=ui(e,t),this.count=this.rank.reduce((s,r)=>Math.max(s,r),0)+1,this.room=new Float64Array(this.count),this.breadth=e.map(s=>s.breadth),this._lanes(),this.size=this.rank.length,this._index(),this.position=new Int32Array(this.size),this.centres=new Float64Array(this.size),this.y=new Float64Array(this.size)}_lanes(){let{edges:e,rank:t}=this,s=this.segments={tail:[],head:[],out:[],into:[]},r=(l,c,h,d)=>{s.tail.push(l),s.head.push(c),s.out.push(h),s.into.push(d)},o=e.map(({tail:l,tailPort:c,bundle:h})=>`${l} ${c} ${h}`),i=new Map;e.forEach(({tail:l,head:c},h)=>{i.set(o[h],Math.max(i.get(o[h])??0,t[c]-t[l]))});let a=hi([...i.values()]);this.chains=new Map,this.chainOf=o.map(l=>(this.chains.has(l)||this.chains.set(l,[]),this.chains.get(l))),this.direct=new Uint8Array(e.length),e.forEach((l,c)=>{let h=t[l.tail],d=t[l.head];if(this.room[d]=Math.max(this.room[d],l.room),d-h>a){this.direct[c]=1;return}let p=this.chainOf[c];for(;p.length<d-h-1;){let f=t.length;t.push(h+p.length+1),this.breadth.push(0),p.length?r(p.at(-1),f,0,0):r(l.tail,f,l.tailPort,0),p.push(f)}d-h===1?r(l.tail,l.head,l.tailPort,l.headPort):r(p[d-h-2],l.head,0,l.headPort)})}_index(){let{tail:e,head:t,out:s,into:r}=this.segments,o=(i,a)=>{let l=new Int32Array(this.size+1);for(let d of i)l[d+1]++;for(let d=0;d<this.size;d++)l[d+1]+=l[d];let c=l.slice(),h=new Int32Array(i.length);for(let d=0;d<i.length;d++)h[c[i[d]]++]=d;for(let d=0;d<this.size;d++)l[d+1]-l[d]>1&&h.subarray(l[d],l[d+1]).sort((p,f)=>a[p]-a[f]||p-f);return{start:l,list:h}};this.outs=o(e,s),this.ins=o(t,r),this.tail=Int32Array.from(e),this.head=Int32Array.from(t),this.out=Float64Array.from(s),this.into=Float64Array.from(r)}sort(){this._walk();let e=this.layers.map(o=>o.slice()),t=this._crossings(),s=0,r=this.size<3e3?10:this.size<1e4?5:3;for(let o=0;o<r&&t&&s<4;o++){this._sweep(o%2===0);let i=this._crossings();s++,i<t&&(e=this.layers.map(a=>a.slice()),t=i,s=0)}this.layers=e,this._place(),t&&this.size<=ci&&this._exchange()}_walk(){let{ins:e,outs:t,tail:s,size:r}=this;this.layers=Array.from({length:this.count},()=>[]);let o=new Uint8Array(r),i=a=>{o[a]=1,this.layers[this.rank[a]].push(a)};for(let a=0;a<r;a++){if(t.start[a+1]>t.start[a]||o[a])continue;let l=[a];for(;l.length;){let c=l.pop();if(!o[c]){i(c);for(let h=e.start[c+1]-1;h>=e.start[c];h--){let d=s[e.list[h]];o[d]||l.push(d)}}}}for(let a=0;a<r;a++)o[a]||i(a);this._place()}_place(){for(let e of this.layers)for(let t=0;t<e.length;t++)this.position[e[t]]=t}_sweep(e){let{position:t,centres:s,count:r}=this,{start:o,list:i}=e?this.ins:this.outs,a=e?this.tail:this.head,l=e?this.out:this.into;for(let c=0;c<r;c++){let h=this.layers[e?c:r-1-c];for(let d=0;d<h.length;d++){let p=h[d],f=0;for(let m=o[p];m<o[p+1];m++)f+=t[a[i[m]]]+l[i[m]]*.001;s[p]=o[p+1]>o[p]?f/(o[p+1]-o[p]):d}h.sort((d,p)=>s[d]-s[p]);for(let d=0;d<h.length;d++)t[h[d]]=d}}_crossings(){let{ins:e,outs:t,tail:s,out:r}=this,o=new Int32Array(s.length),i=0;for(let a=1;a<this.count;a++){let l=0;for(let d of this.layers[a])for(let p=e.start[d];p<e.start[d+1];p++)o[e.list[p]]=++l;if(l<2)continue;let c=new Int32Array(l+1),h=0;for(let d of this.layers[a-1]){let p=t.list.subarray(t.start[d],t.start[d+1]),f=p.length>1?p.slice().sort((m,b)=>r[m]-r[b]||o[m]-o[b]):p;for(let m of f){let b=0;for(let w=o[m];w>0;w-=w&-w)b+=c[w];i+=h-b;for(let w=o[m];w<=l;w+=w&-w)c[w]++;h++}}}return i}_exchange(){for(let e=0;e<8;e++){let t=0;for(let s of this.layers)for(let r=0;r+1<s.length;r++){let o=s[r],i=s[r+1],a=this._cross(o,i)-this._cross(i,o);a<=0||(s[r]=i,s[r+1]=o,this.position[o]=r+1,this.position[i]=r,t+=a)}if(!t)return}}_cross(e,t){return this._pairs(this.ins,this.tail,this.out,e,t)+this._pairs(this.outs,this.head,this.into,e,t)}_pairs({start:e,list:t},s,r,o,i){let{position:a}=this,l=0;for(let c=e[o];c<e[o+1];c++){let h=a[s[t[c]]]+r[t[c]]*1e-4;for(let d=e[i];d<e[i+1];d++)h>a[s[t[d]]]+r[t[d]]*1e-4&&l++}return l}settle(){let e=this.layers.map(r=>this._gaps(r)),t=Math.max(...e.map(r=>r.at(-1)??0));this.layers.forEach((r,o)=>{let i=r.filter(a=>this._fans(a)).length;i>1&&(e[o]=this._gaps(r,t/i))}),this.layers.forEach((r,o)=>{let i=(e[o].at(-1)??0)/2;r.forEach((a,l)=>this.y[a]=e[o][l]-i)});let s=this.size<6e3?4:2;for(let r=0;r<2*s;r++){let o=r>=s;for(let i=this.count-1;i>=0;i--)this._settleRank(i,e[i],o,!0);for(let i=0;i<this.count;i++)this._settleRank(i,e[i],!0,o)}}_fans(e){let{ins:t,outs:s}=this,r=s.start[e+1]-s.start[e]+t.start[e+1]-t.start[e];return e<this.real&&this.vertices[e].place!==""&&r>1}_gaps(e,t=0){let s=new Float64Array(e.length);for(let r=1;r<e.length;r++){let o=e[r-1],i=e[r],a=o<this.real&&i<this.real?si:ri,l=t>a&&this._fans(o)&&this._fans(i)?t:a;s[r]=s[r-1]+(this.breadth[o]+this.breadth[i])/2+l}return s}_settleRank(e,t,s,r){let{y:o,real:i,ins:a,outs:l,tail:c,head:h,out:d,into:p}=this,f=this.layers[e],m=new Float64Array(f.length),b=new Float64Array(f.length),w=new Int32Array(f.length),v=0;for(let x=0;x<f.length;x++){let z=f[x],A=z<i?1:4,L=0,G=0;if(s)for(let j=a.start[z];j<a.start[z+1];j++){let D=a.list[j],$=c[D]<i?A:A*2;L+=$,G+=$*(o[c[D]]+d[D]-p[D])}if(r)for(let j=l.start[z];j<l.start[z+1];j++){let D=l.list[j],$=h[D]<i?A:A*2;L+=$,G+=$*(o[h[D]]+p[D]-d[D])}L||(L=.05,G=L*o[z]),G-=L*t[x];let C=1;for(;v&&b[v-1]*L>G*m[v-1];)v--,L+=m[v],G+=b[v],C+=w[v];m[v]=L,b[v]=G,w[v++]=C}for(let x=0,z=0;x<v;x++){let A=b[x]/m[x];for(let L=0;L<w[x];L++,z++)o[f[z]]=A+t[z]}}result(){let{y:e,rank:t,breadth:s,real:r,vertices:o,ins:i}=this,a=1/0,l=-1/0;for(let f=0;f<this.size;f++)a=Math.min(a,e[f]-s[f]/2),l=Math.max(l,e[f]+s[f]/2);for(let f=0;f<this.size;f++)e[f]-=a;let{left:c,right:h}=this._columns(),d=new Float64Array(r);for(let f=0;f<r;f++){let m=i.start[f]===i.start[f+1];d[f]=m?h[t[f]]-o[f].length:c[t[f]]}let p=this.edges.map((f,m)=>this._route(m,f,c,h,d));return{start:d,middle:e.slice(0,r),routes:p,length:h.at(-1),breadth:l-a}}_columns(){let{y:e,ins:t,tail:s,out:r,into:o}=this,i=new Array(this.count).fill(0),a=new Array(this.count).fill(0),l=0;return this.layers.forEach((c,h)=>{let d=0,p=0;for(let f of c){for(let m=t.start[f];m<t.start[f+1];m++){let b=t.list[m];d=Math.max(d,Math.abs(e[s[b]]+r[b]-e[f]-o[b]))}f<this.real&&(p=Math.max(p,this.vertices[f].length))}h&&(l+=Math.min(Math.max(oi,ai*d),ii)+this.room[h]),i[h]=l,l+=p,a[h]=l}),{left:i,right:a}}_route(e,{tail:t,head:s,tailPort:r,headPort:o},i,a,l){let{y:c,rank:h,room:d}=this,p=h[t],f=h[s],m=c[t]+r,b=c[s]+o,w=[l[t]+this.vertices[t].length,m,a[p],m];if(!this.direct[e])for(let v=p+1;v<f;v++){let x=c[this.chainOf[e][v-p-1]];w.push(i[v]-d[v],x,a[v],x)}return w.push(i[f]-d[f],b,l[s],b),fn(w)}};function fn(n){let e=[n[0],n[1]];for(let t=2;t<n.length-2;t+=2)e.at(-1)===n[t+1]&&n[t+1]===n[t+3]||e.push(n[t],n[t+1]);return e.push(n.at(-2),n.at(-1)),e}function hi(n){n.sort((s,r)=>s-r);let e=0,t=0;for(let s of n){if(e+=s,e>li)return Math.max(t,1);t=s}return t}function ks(n,e,t=[{parent:-1}]){return new mn(n,e,t).arrange()}var Tt={before:0,after:0,low:0,high:0},mn=class{constructor(e,t,s){this.boxes=e,this.regions=s,this.inside=s.map(()=>({members:new Map,pieces:new Map,origin:[0,0],size:[0,0]})),this.depth=new Int32Array(s.length);for(let r=1;r<s.length;r++)this.depth[r]=this.depth[s[r].parent]+1;e.forEach((r,o)=>{this._join(r.region??0,`box ${o}`,{box:o});for(let i=r.region??0;i>0;i=s[i].parent)this._join(s[i].parent,`region ${i}`,{region:i})}),this.paths=t.map(r=>this._cut(r))}_join(e,t,s){let{members:r}=this.inside[e],o=r.get(t);return o||(o={...s,at:r.size,key:t},r.set(t,o)),o}_cut(e){let{regions:t,depth:s}=this,r=`${e.tail} ${e.bundle??""}`,o=[],i=[],a=this.boxes[e.tail].region??0,l=this.boxes[e.head].region??0;for(;a!==l;)s[a]>=s[l]?(o.push(a),a=t[a].parent):(i.push(l),l=t[l].parent);let c=[],h=`box ${e.tail}`,d=null;for(let f of o){let m=this._join(f,`out ${r}`,{place:"last"}).key;c.push(this._piece(f,e,h,d,m,null)),h=`region ${f}`,d=m}let p=i.reverse();return[a,...p].forEach((f,m)=>{if(m===p.length){c.push(this._piece(f,e,h,d,`box ${e.head}`,null,e.headPort,e.room));return}let b=this._join(p[m],`in ${r}`,{place:"first"}).key;c.push(this._piece(f,e,h,d,`region ${p[m]}`,b)),h=b,d=null}),c}_piece(e,t,s,r,o,i,a=0,l=0){let{pieces:c}=this.inside[e],h=`${s}|${r}|${o}|${i}|${a}|${t.bundle??""}`,d=c.get(h);return d||(d={tail:s,tailVia:r,head:o,headVia:i,headPort:a,room:l,bundle:t.bundle??"",at:c.size},c.set(h,d)),[e,d]}arrange(){let e=this.regions.map((i,a)=>a).sort((i,a)=>this.depth[a]-this.depth[i]);for(let i of e)this.inside[i].members.size&&this._place(i);let t=new Float64Array(this.boxes.length),s=new Float64Array(this.boxes.length),r=this.regions.map(()=>null);for(let i of e.reverse()){let{members:a,placement:l,origin:c,size:h}=this.inside[i];if(r[i]={start:c[0],low:c[1],length:h[0],breadth:h[1]},!l)continue;let{before:d,low:p}=this.regions[i].padding??Tt,f=c[0]+d,m=c[1]+p;for(let{box:b,region:w,at:v}of a.values())if(b!==void 0)t[b]=f+l.start[v],s[b]=m+l.middle[v];else if(w!==void 0){let x=this.inside[w];x.origin=[f+l.start[v],m+l.middle[v]-x.size[1]/2]}}let o=this.paths.map(i=>this._route(i));return{start:t,middle:s,routes:o,regions:r,length:this.inside[0].size[0],breadth:this.inside[0].size[1]}}_place(e){let t=this.inside[e],{members:s,pieces:r}=t,o=Array.from(s.values(),({box:p,region:f,place:m})=>{if(p!==void 0)return{length:this.boxes[p].length,breadth:this.boxes[p].breadth,place:""};if(f===void 0)return{length:0,breadth:0,place:m};let[b,w]=this.inside[f].size;return{length:b,breadth:w,place:""}}),i=Array.from(r.values(),({tail:p,tailVia:f,head:m,headVia:b,headPort:w,room:v,bundle:x})=>({tail:s.get(p).at,head:s.get(m).at,tailPort:this._port(s.get(p),f,0),headPort:this._port(s.get(m),b,w),room:v,bundle:x}));t.placement=xs(o,i);let{before:a,after:l,low:c,high:h}=this.regions[e].padding??Tt,d=this.regions[e].least??{length:0,breadth:0};t.size=[Math.max(t.placement.length+a+l,d.length),Math.max(t.placement.breadth+c+h,d.breadth)]}_port({region:e},t,s){if(t===null)return s;let r=this.inside[e],{low:o}=this.regions[e].padding??Tt;return o+r.placement.middle[r.members.get(t).at]-r.size[1]/2}_route(e){let t=[];for(let[s,r]of e){let{origin:o,placement:i}=this.inside[s],{before:a,low:l}=this.regions[s].padding??Tt,c=i.routes[r.at];for(let h=0;h<c.length;h+=2){let d=o[1]+l+c[h+1];t.length&&Math.abs(t.at(-1)-d)<1e-6&&(d=t.at(-1)),t.push(o[0]+a+c[h],d)}}return fn(t)}};function ys(n){return n==="TB"?(e,t)=>[t,e]:(e,t)=>[e,t]}function dt(n,e){let t=(r,o)=>{let[i,a]=e(r,o);return`${ze(i)} ${ze(a)}`},s=`M${t(n[0],n[1])}`;for(let r=0;r+3<n.length;r+=2){let o=n[r],i=n[r+1],a=n[r+2],l=n[r+3];if(i===l)s+=`L${t(a,l)}`;else{let c=(o+a)/2;s+=`C${t(c,i)} ${t(c,l)} ${t(a,l)}`}}return s}function ze(n){return Math.round(n*10)/10}var ke=11,pt=10,ae=18,Ke=8,Ue=14,He=3,Nt=6,bn=22,di=18,pi=7,wn=44,Le=12,Ms=24,_s=32,gi=xe("−".padEnd(pn,"0"),ke),fi=2;function As(n,e,t){let s=t!=="TB",r=ys(t),o=e.boxes.map(b=>bi(n,b,s)),i=_i(e.wires),a=ks(o.map(({badge:b,body:w},v)=>({...vi(b,w,e.boxes[v],s),region:e.boxes[v].cluster})),e.wires.map((b,w)=>({tail:b.from,head:b.to,headPort:wi(e.boxes[b.to],b.port,s),room:pi+4+(s?wn+6:pt+6),bundle:i[w]?String(i[w]):""})),e.clusters.map(b=>xi(b,s))),l=e.boxes.map((b,w)=>({...b,...o[w],...ki(o[w],a.start[w],a.middle[w],s)})),c=zi(e.wires.map(({from:b},w)=>[`${b} ${i[w]}`,a.routes[w]])),h=(b,w)=>r(b+Ue,w+Ue),d=e.wires.map((b,w)=>yi(b,c[w],a.routes[w],h,s)),p=e.clusters.map((b,w)=>{let{start:v,low:x,length:z,breadth:A}=a.regions[w],[L,G]=h(v,x),[C,j]=r(z,A);return{...b,x:L,y:G,width:C,height:j,shade:mi(e.clusters,w)%2}}),[f,m]=r(a.length+2*Ue,a.breadth+2*Ue);return{boxes:l,wires:d,clusters:p,width:f,height:m,direction:t,at:h}}function mi(n,e){let t=0;for(;e>0;e=n[e].parent)t++;return t}function bi(n,e,t){if(e.kind!=="node"){let b=Math.max(...e.lines.map(A=>xe(A,pt))),w=Math.max(xe(e.title,ke,!0),b)+2*Ke+2*He+12,v=ae*(1+e.lines.length)+12,x=qt(t)*(Math.min(e.ports,Ms)-1)+14;return{badge:null,body:t?{width:w,height:Math.max(v,x)}:{width:Math.max(w,x),height:v}}}let s=e.node,r=n.kind[s]===fi,o=r?"":ie(n.title(s),_s),i=r?xe(ve(n.value[s]),ke):gi,a=i+(o?xe(o,ke,!0)+10:0);r||(a=Math.max(a,i+xe("grad",pt)+10));let l={width:Math.max(a,22)+2*Ke,height:ae*(r?1:2)+4},c=n.operation(s),h=!n.label(s);if(!c)return{name:o,faint:h,badge:null,body:l,op:""};let d=ie(_e(c.symbol||c.name),_s),p=qt(t)*(e.ports-1)+14,f=Math.max(bn,xe(d,ke)+12),m=t?{width:f,height:Math.max(bn,p)}:{width:Math.max(f,p),height:bn};return{name:o,faint:h,badge:m,body:l,op:d}}function qt(n){return n?di:wn+8}function wi({kind:n,ports:e},t,s){return n!=="node"&&e>Ms?0:(t-(e-1)/2)*qt(s)}function vi(n,e,{ports:t,kind:s},r){if(r)return{length:e.width+(n?n.width+Nt:0),breadth:Math.max(n?.height??0,e.height)};let o=s==="node"&&t?qt(!1)*(t-1)+2*(wn+6):0;return{length:e.height+(n?n.height+Nt:0),breadth:Math.max(n?.width??0,e.width,o)}}function xi(n,e){if(n.parent<0)return{parent:-1};let t=xe(n.title,ke,!0)+2*Le+24,s=ae+8;return e?{parent:n.parent,padding:{before:Le,after:Le,low:s,high:Le},least:{length:t,breadth:0}}:{parent:n.parent,padding:{before:s,after:Le,low:Le,high:Le},least:{length:0,breadth:t}}}function ki({badge:n,body:e},t,s,r){let o=r?"width":"height",i=r?"height":"width",a=e[o]+(n?n[o]+Nt:0),l=Math.max(e[i],n?.[i]??0),c=s-l/2,h=(f,m)=>{let b=(l-f[i])/2,[w,v]=r?[m,b]:[b,m];return{...f,x:ze(w),y:ze(v)}},[d,p]=r?[t,c]:[c,t];return{x:ze(d+Ue),y:ze(p+Ue),width:r?a:l,height:r?l:a,body:h(e,n?n[o]+Nt:0),badge:n&&h(n,0)}}function yi(n,e,t,s,r){let o=s(t[t.length-2],t[t.length-1]).map(ze),i=new Array(e.length);for(let a=0;a<e.length;a+=2)[i[a],i[a+1]]=s(e[a],e[a+1]);return{...n,route:t,part:e,tip:o,points:i,across:r}}function $s({points:n},[e,t,s,r]){let o=-1,i=-1;for(let a=0;a+3<n.length;a+=2)Math.min(n[a],n[a+2])>s||Math.max(n[a],n[a+2])<e||Math.min(n[a+1],n[a+3])>r||Math.max(n[a+1],n[a+3])<t||(o<0&&(o=a),i=a);return o<0?null:[o,i]}function Ve({part:n,tip:[e,t],across:s},r,o=0,i=n.length-4){let a=dt(o===0&&i===n.length-4?n:n.slice(o,i+4),r);return i<n.length-4?a:a+(s?`M${e-6} ${t-3.5}L${e} ${t}L${e-6} ${t+3.5}`:`M${e-3.5} ${t-6}L${e} ${t}L${e+3.5} ${t-6}`)}function _i(n){let e=new Map;return n.map(({from:t,to:s})=>{let r=`${t} ${s}`,o=e.get(r)??0;return e.set(r,o+1),o})}function zi(n){let e=new Map;return n.map(([t,s])=>{let r=e.get(t);if(!r)return e.set(t,{longest:s,last:s}),s;let o=Math.max(zs(r.longest,s),zs(r.last,s));return r.last=s,s.length>r.longest.length&&(r.longest=s),o>2?s.slice(o-2):s})}function zs(n,e){let t=Math.min(n.length,e.length-2),s=0;for(;s<t&&Math.abs(n[s]-e[s])<.05&&Math.abs(n[s+1]-e[s+1])<.05;)s+=2;return s}var Ss={"+":"+","-":"−","*":"·","/":"/","**":"^","%":"%","//":"//"},Mi={"<":"<","<=":"≤",">":">",">=":"≥","==":"=","!=":"≠"},Ai=60,$i=200,vn=12,Xe="?",Ns=/^[\p{L}\p{N}_.′'[\]−]*/u;function Ot(n,e){let t=n.verdict(e);return t?t.mark===1?u("verdict.right"):`${t.mark?"✗":"?"} ${t.reason}`:null}function pe(n){let e=y(n);return e.startsWith("−")?`(${e})`:e}function W(n,e){let t=n.title(e);return t.match(Ns)[0]===t?t:`(${t})`}function ue(n,e){let t=[],{groups:s,nodes:r}=n.document;for(let o=r.group[e];o>=0;o=s[o].parent)t.unshift(s[o].name);return t.join(" › ")}function I(n,e,t=n.root){return`∂${W(n,t)}/∂${W(n,e)}`}function qs(n){let e=[],t=0;for(let s=n.indexOf("∂");s>=0;s=n.indexOf("∂",Math.max(s+1,t))){let r=Es(n,s+1);if(r===s+1||!n.startsWith("/∂",r))continue;let o=Es(n,r+2);o!==r+2&&(s>t&&e.push(n.slice(t,s)),e.push([n.slice(s,r),n.slice(r+1,o)]),t=o)}return t<n.length&&e.push(n.slice(t)),e}function Es(n,e){if(n[e]!=="(")return e+n.slice(e).match(Ns)[0].length;let t=0;for(let s=e;s<n.length;s++)if(n[s]==="(")t++;else if(n[s]===")"&&--t===0)return s+1;return e}function Ze(n,e,t=s=>W(n,s)){let s=n.operands(e).map(t);return Si(n.operation(e),s)}function Si({name:n,symbol:e},t){let s=Ss[e]??Mi[e];if(s&&t.length===2)return`${t[0]} ${s} ${t[1]}`;let[,r,o]=/^(\*\*|[-+*/])\(?(-?[\d.]+)\)?$/.exec(e)??[];return r&&t.length===1?`${t[0]} ${Ss[r]} ${o.replace("-","−")}`:n==="neg"?`−${t[0]}`:n==="identity"?t[0]:`${e||n}(${t.join(", ")})`}function Os(n,e){let{engine:t}=n,s=Ze(t,e,a=>pe(n.value(a))),r=s.startsWith("(")?s.replace(/^\((−[^()]*)\)/,"$1"):s,o=y(n.value(e)),i=[W(t,e),Ze(t,e)];return r!==o&&!t.operation(e).unknown&&i.push(r),[...i,o].join(" = ")}function Q(n,e){let t=n.operation(e);return t?_e(t.symbol||t.name):n.kind[e]===1?u("node.leaf"):u("node.constant")}var Ei={add:(n,e)=>[`${ne(n,1)} + ${ne(e,1)}`,1],sub:(n,e)=>[`${ne(n,1)} − ${ne(e,2)}`,1],mul:(n,e)=>n===e?[`${ne(n,4)}²`,3]:[`${ne(n,2)} · ${ne(e,2)}`,2],div:(n,e)=>[`${ne(n,2)} / ${ne(e,3)}`,2],pow:(n,e)=>[`${ne(n,4)}^${ne(e,4)}`,3],neg:n=>[`−${ne(n,3)}`,1],square:n=>[`${ne(n,4)}²`,3],identity:n=>n};function ne([n,e],t){return e<t||n.startsWith("−")&&t>1?`(${n})`:n}function xn(n,e){let t=n.owner[e],s=n.operation(t).slopes?.[e-n.start[t]],r=s?Ti(n,t,s):Ni(n,e);return r!==null&&r.length<=$i?r:null}function Ti(n,e,t){let s=n.operands(e).map(i=>W(n,i)),r=i=>i.startsWith("−")&&t.length>3?`(${i})`:i;return t.replace(/\{(\w)\}/g,(i,a)=>r(a==="y"?W(n,e):s[a])).replace(/\^\((\d+) − 1\)/,(i,a)=>a==="2"?"":a==="3"?"²":`^${a-1}`)}function Ni(n,e){if(n.rule[e]<0)return null;let{constants:t,code:s,out:r}=n.document.rules[n.rule[e]],o=n.owner[e],i=[o,...n.operands(o)].map(a=>[W(n,a),4]);for(let a of t)i.push([typeof a=="number"?y(a):a,4]);for(let[a,...l]of s){if(a==="where")return null;let c=l.map(d=>i[d]),h=(Ei[a]??((...d)=>[`${a}(${d.map(([p])=>p).join(", ")})`,4]))(...c);if(h[0].length>Ai)return null;i.push(h)}return i[r][0]}function qi(n,e){let t=I(n,n.args[e],n.owner[e]),s=y(n.slope[e]),r=xn(n,e);return r===null||r===s?`${t} = ${s}`:`${t} = ${r} = ${s}`}function Ie(n,e){let{engine:t}=n;return n.conceals(e)?`${I(t,t.args[e],t.owner[e])} = ${Xe}`:qi(t,e)}function kn(n,e,t=n.engine.slope[e]){return n.conceals(e)?Xe:pe(t)}function ge(n,e,t=n.grad(e)){return n.veils(e)?Xe:y(t)}function Ye(n,{node:e,id:t,edge:s,slope:r,upstream:o,amount:i},a=null){let{engine:l}=n,c=n.veils(e)?Xe:y(o),h=n.veils(t)?Xe:y(i);return[a??I(l,t),`${I(l,e)} · ${I(l,t,e)}`,`${c} · ${kn(n,s,r)}`,h].join(" = ")}function Je(n,e,t,s){if(t.length<2)return null;let{engine:r}=n,o=n.veils(e),i=Ts(t,({node:l})=>`${I(r,l)} · ${I(r,e,l)}`),a=o?u("share.sum",{n:t.length}):Ts(t,({amount:l},c)=>c?pe(l):y(l));return[I(r,e),i,a,o?Xe:y(s)].join(" = ")}function Ts(n,e){let t=n.slice(0,vn).map(e);return n.length>vn&&t.push(u("share.more",{n:n.length-vn})),t.join(" + ")}function Me(n,e){return n.contributions(e).filter(({sent:t})=>t)}function js(n,e,t){return e.filter(({node:s})=>n.stepOf(s)<=t)}function Qe(n){let{last:e}=n.shown;if(!e)return u("where.start",{total:n.total});let t=Ls(n,e);return e.phase==="seed"?u("where.seed",t):u("where.step",{...t,phase:u(`phase.${e.phase}`)})}function Ls({engine:n,t:e,total:t},{node:s}){return{t:e,total:t,sign:Q(n,s),node:n.title(s)}}function Is(n){let{engine:e}=n,{last:t}=n.shown;if(!t)return u("spoken.start",{total:n.total});let s=Ls(n,t);if(t.phase==="forward")return u("spoken.forward",{...s,value:y(n.value(t.node))});if(t.phase==="seed")return u("spoken.seed",s);let r=[...new Set(e.operands(t.node))].filter(o=>n.grad(o)!==null||n.hidden(o)).map(o=>{let i=e.title(o);return n.hidden(o)?u("spoken.hidden",{node:i}):u("spoken.gradient",{node:i,gradient:y(n.grad(o))})});return[u("spoken.backward",s),...r].join("; ")}var jt=2;function Oi(n,e){let{engine:t}=n,s=t.title(e),r=n.value(e),o=n.grad(e),i=t.operation(e),a=[r===null?u("box.not_computed",{node:s}):`${s} = ${yn(r)}`];if(i){let c=t.operands(e).map(p=>ie(t.title(p),24)),h=u("share.rest",{n:c.length-5}),d=c.length>6?[...c.slice(0,5),h]:c;a.push(u("box.operation",{sign:_e(i.symbol||i.name),operands:d.join(", ")}))}else a.push(t.kind[e]===jt?u("node.constant"):u("node.leaf"));n.note(e)&&a.push(n.note(e)),n.hidden(e)?a.push(u("box.to_be_found")):o!==null?a.push(u("box.gradient",{gradient:yn(o)})):t.kind[e]!==jt&&a.push(u("box.no_gradient"));let l=t.source(e);return l&&a.push(u("box.made_at",{source:l})),a}function yn(n){return Number.isFinite(n)?String(n).replace("-","−"):y(n)}var ji={yes:"✓",no:"✗",unknown:"?"};function Lt(n,e){let t=M("g",{class:"gg-box",role:"button",tabindex:-1,transform:`translate(${e.x} ${e.y})`,"data-key":e.key}),s=M("title",{}),r=M("g",{"aria-hidden":"true"});t.append(s,r);let o=(a,l,c)=>{let h=c===void 0?M(a,l):M(a,l,c);return r.append(h),h},i={group:t,drawn:r,title:s};return e.kind==="node"?Li(n,e,o,i):Ii(e,o,i),i}function Li(n,e,t,s){let{badge:r,body:o}=e,i=n.engine.kind[e.node]===jt;if(r){let c=r.x<o.x,h=c?[r.x+r.width,r.y+r.height/2]:[r.x+r.width/2,r.y+r.height],d=c?[o.x,h[1]]:[h[0],o.y];t("path",{class:"gg-neck",d:`M${h}L${d}`}),t("rect",{class:"gg-op",x:r.x,y:r.y,width:r.width,height:r.height,rx:7}),t("text",{class:"gg-text gg-middle",x:r.x+r.width/2,y:r.y+r.height/2+ke*.36},e.op)}let a=o.y+2+ae*.69,l=o.x+o.width-Ke;s.frame=t("rect",{class:"gg-frame",x:o.x,y:o.y,width:o.width,height:o.height,rx:4}),i||(s.shade=t("rect",{class:"gg-shade",x:o.x+2,y:o.y+2+ae,width:o.width-4,height:ae,rx:2.5}),s.word=t("text",{class:"gg-text gg-small",x:o.x+Ke,y:a+ae},u("box.grad")),s.grad=t("text",{class:"gg-text gg-end",x:l,y:a+ae},"")),e.name&&t("text",{class:`gg-text ${e.faint?"gg-faint":"gg-bold"}`,x:o.x+Ke,y:a},e.name),s.value=t("text",{class:"gg-text gg-end",x:l,y:a},""),s.corner=[o.x+o.width+1,o.y-4]}function Ii(n,e,t){let{body:s,lines:r}=n,o=s.width-2*He,i=s.height-2*He,a=n.kind==="repeat"?[2,1]:[1];for(let h of a)e("rect",{class:"gg-sheet-behind",x:s.x+h*He,y:s.y+h*He,width:o,height:i,rx:6});t.frame=e("rect",{class:"gg-frame",x:s.x,y:s.y,width:o,height:i,rx:6});let l=s.x+o/2,c=s.y+(i-ae*(1+r.length))/2+ae*.72;e("text",{class:"gg-text gg-bold gg-middle",x:l,y:c},n.title),r.forEach((h,d)=>{e("text",{class:"gg-text gg-small gg-middle",x:l,y:c+ae*(d+1)},h)}),t.track=e("rect",{class:"gg-track",x:s.x+4,y:s.y+i-5,width:o-8,height:3,rx:1.5}),t.done=e("rect",{class:"gg-done",x:s.x+4,y:s.y+i-5,width:0,height:3,rx:1.5}),t.corner=[s.x+o+1,s.y-4],S(t.group,"aria-expanded","false")}function gt(n,e,t,s){let{classes:r,value:o,grad:i,hidden:a,shade:l,agreement:c,done:h,bad:d}=s,p=[r,o,i,a,l,c,h,d].join("|");if(n.key===p)return;n.key=p,S(n.group,"class",`gg-box gg-${t.kind} ${s.classes}`),S(n.group,"aria-pressed",t.kind==="node"?String(s.classes.includes("gg-selected")):null);let f;if(t.kind==="node")N(n.value,s.value===null?"":ve(s.value)),n.grad&&(N(n.grad,s.hidden?"?":s.grad===null?"":ve(s.grad)),S(n.shade,"class",`gg-shade gg-${s.shade??"none"}`)),f=Oi(e,t.node),s.agreement&&f.push(Ot(e,t.node)??u(`box.agrees.${s.agreement}`));else{let m=s.done??0;S(n.track,"visibility",s.done===null?"hidden":null),S(n.done,"visibility",s.done===null?"hidden":null),S(n.done,"width",Math.round(m*Number(n.track.getAttribute("width")))),f=[t.title,...t.lines],s.bad&&f.push(u("box.not_finite"))}Bs(n,"alert",s.bad?"⚠":null,"gg-alert",-16),Bs(n,"check",s.agreement?ji[s.agreement]:null,`gg-check gg-check-${s.agreement}`,0),t.kind!=="node"&&f.push(u("box.open")),N(n.title,f.join(`
`))}function Bs(n,e,t,s,r){if(t===null){n[e]?.remove(),n[e]=null;return}if(!n[e]){let[o,i]=n.corner;n[e]=M("g",{},M("circle",{cx:o+r,cy:i,r:6.5}),M("text",{class:"gg-sign gg-middle",x:o+r,y:i+3.4},"")),n.drawn.append(n[e])}S(n[e],"class",s),N(n[e].lastChild,t)}function It(n,e){let[t,s]=n.tip,r=n.across?M("text",{class:"gg-slope gg-end",x:t-9,y:s-3},""):M("text",{class:"gg-slope",x:t+4,y:s-8},""),o=M("title",{},""),i=M("path",{class:"gg-line",d:e});return{group:M("g",{class:"gg-wire"},o,i,r),line:i,label:r,title:o}}function Bt(n,e,t,s){let{engine:r}=e,o=t.edge>=0,i=o?e.slope(t.edge):null,a=o&&e.value(r.owner[t.edge])!==null,l=o&&r.kind[r.args[t.edge]]===jt,c=o&&i===null,h=`${s}|${i}|${a}`;if(n.key!==h)if(n.key=h,S(n.group,"class",`gg-wire ${s}`),N(n.label,o?a&&!l?c?"?":y(i,3):"":`×${oe(t.count)}`),!o)N(n.title,ht(t.count,"edge"));else{let d=`∂${r.title(r.owner[t.edge])}/∂${r.title(r.args[t.edge])}`;N(n.title,a?`${d} = ${c?"?":yn(i)}`:d)}}function Ct(n){let e=M("rect",{class:`gg-cluster gg-cluster${n.shade}`,x:n.x,y:n.y,width:n.width,height:n.height,rx:8}),t=M("g",{class:"gg-cluster-name",role:"button",tabindex:-1,"aria-expanded":"true","data-key":n.key,transform:`translate(${n.x} ${n.y})`},M("title",{},`${n.title}
${u("box.close")}`),M("g",{"aria-hidden":"true"},M("rect",{class:`gg-plate gg-cluster${n.shade}`,x:6,y:4,width:_n(n),height:18,rx:4}),M("text",{class:"gg-text gg-bold gg-faint",x:12,y:17},`▾ ${n.title}`)));return{frame:e,name:t}}function _n(n){return Math.min(n.width-12,n.title.length*ke*.78+32)}function zn(n,e,t=1.25,s=16){let r=Math.min(t,Math.max(e.width-2*s,40)/Math.max(n.width,1),Math.max(e.height-2*s,40)/Math.max(n.height,1)),o=Math.max(r,5e-4);return{k:o,x:e.width/2-o*(n.x+n.width/2),y:e.height/2-o*(n.y+n.height/2)}}function Bi({k:n,x:e,y:t},s,r,o){let i=Math.min(4,Math.max(5e-4,n*s));return{k:i,x:r-(r-e)*i/n,y:o-(o-t)*i/n}}function Ci(n,e,t,s){let r=e.k/n.k;return[r,e.x-n.x*r+t*(1-r),e.y-n.y*r+s*(1-r)]}var Pt=class{constructor(e,t,s,{rebased:r,clicked:o,alone:i=!0,unheld:a=()=>{}}){this.frame=e,this.sheet=t,this.world=s,this.rebased=r,this.clicked=o,this.alone=i,this.unheld=a,this.whole=()=>!1,this.resized=()=>{},this.held=i,this._mark(),this.now={k:1,x:0,y:0},this.base=null,this.pointers=new Map,this.width=e.clientWidth||800,this.height=e.clientHeight||500,this._resize(),this.offs=[];let l=(c,h,d)=>{e.addEventListener(c,h,d),this.offs.push(()=>e.removeEventListener(c,h,d))};l("wheel",c=>this._wheel(c),{passive:!1}),l("pointerdown",c=>this._down(c)),l("pointermove",c=>this._move(c)),l("pointerup",c=>this._up(c)),l("pointercancel",c=>this._up(c,!0)),i||this._release(l),this.watcher=new ResizeObserver(()=>this._sized()),this.watcher.observe(e)}get region(){let{k:e,x:t,y:s}=this.base,r=(-this.overX-t)/e,o=(-this.overY-s)/e;return[r,o,r+(this.width+2*this.overX)/e,o+(this.height+2*this.overY)/e]}point(e,t){let s=this.frame.getBoundingClientRect();return[(e-s.left-this.now.x)/this.now.k,(t-s.top-this.now.y)/this.now.k]}holds(e,t=10){let{k:s,x:r,y:o}=this.now;return e.x*s+r>=t&&e.y*s+o>=t&&(e.x+e.width)*s+r<=this.width-t&&(e.y+e.height)*s+o<=this.height-t}go(e,t=!1){if(cancelAnimationFrame(this.gliding),!t||globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches||!this.base){this.now=e,this.rebase();return}let r=this.now,o=performance.now(),i=a=>{let l=Math.min(1,Math.max(0,(a-o)/180)),c=l*l*(3-2*l),h=r.k*(e.k/r.k)**c,d=(p,f)=>p+(f-p)*c;this._show({k:h,x:d(r.x,e.x),y:d(r.y,e.y)}),l<1?this.gliding=requestAnimationFrame(i):this.rebase()};this.gliding=requestAnimationFrame(i)}zoomBy(e,t=this.width/2,s=this.height/2){this._later(Bi(this.target??this.now,e,t,s))}panBy(e,t){let{k:s,x:r,y:o}=this.target??this.now;this._later({k:s,x:r+e,y:o+t})}rebase(){clearTimeout(this.timer),this.base={...this.now};let{k:e,x:t,y:s}=this.base;this.world.setAttribute("transform",`translate(${t+this.overX} ${s+this.overY}) scale(${e})`),this.sheet.style.transform="",this.rebased()}_later(e){cancelAnimationFrame(this.gliding),this.target=e,this.frameAsked??=requestAnimationFrame(()=>{this.frameAsked=null;let t=this.target;this.target=null,t&&this._show(t)})}_show(e){this.now=e;let[t,s,r]=Ci(this.base,e,this.overX,this.overY);if(!(s<=this.overX&&r<=this.overY&&s+(this.width+2*this.overX)*t>=this.overX+this.width&&r+(this.height+2*this.overY)*t>=this.overY+this.height)&&!this.whole()||t>2.5||t<.3){this.rebase();return}this.sheet.style.transform=`matrix(${t},0,0,${t},${s},${r})`,this._rest()}_rest(){clearTimeout(this.timer),this.timer=setTimeout(()=>this.pointers.size?this._rest():this.rebase(),160)}_sized(){let{clientWidth:e,clientHeight:t}=this.frame;!e||!t||e===this.width&&t===this.height||(this.now={...this.now,x:this.now.x+(e-this.width)/2,y:this.now.y+(t-this.height)/2},this.width=e,this.height=t,this._resize(),this.base&&this.rebase(),this.resized())}_resize(){this.overX=Math.round(this.width*.6),this.overY=Math.round(this.height*.6);let{style:e}=this.sheet;e.left=`${-this.overX}px`,e.top=`${-this.overY}px`,e.width=`${this.width+2*this.overX}px`,e.height=`${this.height+2*this.overY}px`}_release(e){e("pointerleave",r=>r.pointerType==="mouse"&&!this.pointers.size&&this._hold(!1));let t=r=>r.composedPath().includes(this.frame)||this._hold(!1),s=()=>this._hold(!1);document.addEventListener("pointerdown",t,!0),globalThis.addEventListener("blur",s),this.offs.push(()=>document.removeEventListener("pointerdown",t,!0),()=>globalThis.removeEventListener("blur",s))}_hold(e){this.alone||e===this.held||(this.held=e,this._mark())}_mark(){this.frame.toggleAttribute("data-held",this.held)}_wheel(e){if(!this.held&&!e.ctrlKey&&!e.metaKey){this.unheld();return}e.preventDefault();let t=this.frame.getBoundingClientRect(),s=e.deltaMode===1?16:e.deltaMode===2?this.height:1,r=e.deltaY*s*(e.ctrlKey?6:1);this.zoomBy(Math.exp(-Math.max(-400,Math.min(400,r))*.0016),e.clientX-t.left,e.clientY-t.top)}_down(e){e.button!==0||e.target.closest?.("button")||(e.pointerType==="mouse"&&this._hold(!0),this.pointers.set(e.pointerId,{x:e.clientX,y:e.clientY}),this.slipped=this.pointers.size>1?1/0:0)}_move(e){let t=this.pointers.get(e.pointerId);if(!t)return;let s=this._hand();if(this.slipped+=Math.abs(e.clientX-t.x)+Math.abs(e.clientY-t.y),t.x=e.clientX,t.y=e.clientY,this.slipped<5)return;this.frame.hasPointerCapture(e.pointerId)||this.frame.setPointerCapture(e.pointerId);let r=this._hand(),o=this.frame.getBoundingClientRect();this.panBy(r.x-s.x,r.y-s.y),s.spread>0&&r.spread>0&&this.zoomBy(r.spread/s.spread,r.x-o.left,r.y-o.top)}_up(e,t=!1){this.pointers.delete(e.pointerId)&&(t||this.slipped>=5||this.pointers.size||(this._hold(!0),this.clicked(e)))}_hand(){let e=[...this.pointers.values()],t=e.reduce((r,o)=>r+o.x,0)/e.length,s=e.reduce((r,o)=>r+o.y,0)/e.length;return{x:t,y:s,spread:e.length>1?Math.hypot(e[0].x-t,e[0].y-s):0}}destroy(){clearTimeout(this.timer),cancelAnimationFrame(this.gliding),this.frameAsked&&cancelAnimationFrame(this.frameAsked),this.watcher.disconnect();for(let e of this.offs)e()}};var Pi=["fill","stroke","stroke-width","stroke-dasharray","stroke-linecap","stroke-linejoin","paint-order","font-family","font-size","font-weight","text-anchor"],Gi={stroke:"none","stroke-dasharray":"none","stroke-linecap":"butt","stroke-linejoin":"miter","paint-order":"normal","font-weight":"400","text-anchor":"start"},Ri=new Set(["font-family","font-size","font-weight","text-anchor"]),Fi=4e7,Cs=16e3,Gt=24,Ps=14,Di=6;function ft(n){return new XMLSerializer().serializeToString(Mn(n))}function Mn(n,e=!1){let{picture:t,session:s,frame:r}=n,o=s.story,i=Math.ceil(Math.max(t.width,...o.map(m=>28+Di*m.length))),a=Math.ceil(t.height),l=a+Gt+Ps*o.length,c=M("g"),h=M("svg",{xmlns:"http://www.w3.org/2000/svg",viewBox:`0 0 ${i} ${l}`,width:i,height:l,role:"img"},M("title",{},s.whole.title??""),M("rect",{class:"gg-paper",x:0,y:0,width:i,height:l,fill:"#ffffff"}),c),d=t.clusters.slice(1).map(Ct);c.append(...d.map(m=>m.frame));let p=s.selected===null?-1:n.view.boxOf[s.selected];for(let m of t.wires){let b=It(m,Ve(m,t.at));Bt(b,s,m,m.from===p||m.to===p?"gg-near":""),c.append(b.group)}c.append(...d.map(m=>m.name)),t.boxes.forEach((m,b)=>{let w=Lt(s,m),v=n._state(b);gt(w,s,m,v),e&&v.hidden&&(w.grad.textContent=""),c.append(w.group)}),c.append(n.layers.marks.cloneNode(!0));let f=M("g",{transform:`translate(14 ${a})`});return f.append(...[...n.legend.childNodes].map(m=>m.cloneNode(!0))),h.append(f),o.forEach((m,b)=>{let w={x:14,y:a+Gt+Ps*b+8};h.append(M("g",{class:"gg-story"},M("text",{class:"gg-text gg-small",...w},m)))}),Wi(r,h),h}function Wi(n,e){let t=document.createElement("div");t.className="gg-view",t.style.visibility="hidden",t.append(e);let{host:s}=n.getRootNode(),r=s?.hasAttribute("data-dark");n.parentNode.append(t);try{r&&s.removeAttribute("data-dark"),Ui(e)}finally{r&&s.setAttribute("data-dark",""),e.remove(),t.remove()}}function Ui(n){let e=new Map,t=[];for(let s of n.querySelectorAll("rect, path, text, circle")){if(s.getAttribute("class")==="gg-paper")continue;let r=s.parentNode.closest("[class]").getAttribute("class"),o=`${s.localName} ${s.getAttribute("class")} ${r}`;e.has(o)||e.set(o,Hi(s.localName,getComputedStyle(s))),t.push([s,e.get(o)])}for(let[s,r]of t){for(let[o,i]of r)s.setAttribute(o,i);s.getAttribute("paint-order")==="stroke"&&Ki(s)}for(let s of n.querySelectorAll("*"))for(let{name:r}of[...s.attributes])(r==="class"||r==="tabindex"||r==="role"||r.startsWith("aria-")||r.startsWith("data-"))&&s.removeAttribute(r)}function Ki(n){let e=n.cloneNode(!0);n.before(e);for(let t of["stroke","stroke-width","stroke-linejoin"])n.removeAttribute(t);for(let t of[e,n])t.removeAttribute("paint-order")}function Hi(n,e){let t=[];for(let s of Pi){if(Ri.has(s)&&n!=="text")continue;let r=e.getPropertyValue(s);!r||r===Gi[s]||s.startsWith("stroke-")&&e.getPropertyValue("stroke")==="none"||t.push([s,r])}return t}function Vi(n,e){return Math.min(2,Math.sqrt(Fi/(n*e)),Cs/n,Cs/e)}async function Gs(n){let e=ft(n),{width:t,height:s}=n.picture,r=Vi(t,s+Gt),o=new Image;await new Promise((a,l)=>{o.onload=a,o.onerror=()=>l(new Error(u("export.cannot_draw"))),o.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(e)}`});let i=document.createElement("canvas");return i.width=Math.max(1,Math.round(t*r)),i.height=Math.max(1,Math.round((s+Gt)*r)),i.getContext("2d").drawImage(o,0,0,i.width,i.height),new Promise((a,l)=>{i.toBlob(c=>c?a(c):l(new Error(u("export.too_large"))),"image/png")})}var Xi=6;function Fs({picture:n,view:e,ins:t,session:s,change:r}){let o=[];if(r){let a=e.boxOf[r.node],l=n.boxes[a];o.push(M("path",{class:"gg-pointer",d:Yi(l,r.phase==="forward")}));let c=new Map(r.operands.map(h=>[h.edge,h]));for(let h of t[a]){let d=n.wires[h];l.kind!=="node"&&!r.operands.some(({id:p})=>e.boxOf[p]===d.from)||(o.push(M("path",{class:"gg-active",d:dt(d.route,n.at)})),r.phase==="backward"&&o.push(...Zi(n,d,c.get(d.edge))))}}let i=s.mistake?.first??null;if(i!==null){let a=n.boxes[e.boxOf[i]],l=u("marks.wrong",{right:ve(s.mistake.right[i])});o.push(M("text",{class:"gg-amount",x:a.x+a.body.x,y:a.y+a.height+12},l))}return o}function Zi({at:n},e,t){if(t&&!t.sent)return[];let s=e.route.map((l,c)=>c%2?l+Xi:l),[r,o]=n(s[0],s[1]),{across:i}=e,a=[M("path",{class:"gg-flow",d:dt(s,n)}),M("path",{class:"gg-flow-head",d:i?`M${r} ${o}l8 -4v8z`:`M${r} ${o}l-4 8h8z`})];if(t){let l={x:r+(i?10:8),y:o+(i?13:18)};a.push(M("text",{class:"gg-amount",...l},fs(t.amount)))}return a}function Yi({x:n,y:e,width:t},s){let r=s?7:-7;return`M${n+t/2+r} ${e-10}l${-2*r} -6v12z`}function Ds(n){if(!n)return{width:0,parts:[]};let e=(a,l)=>M("text",{class:"gg-text gg-small gg-faint",x:a,y:11},l),t=[4,3,2,1].map(a=>`minus${a}`).concat("zero",[1,2,3,4].map(a=>`plus${a}`)),s=u("marks.legend",{low:ve(-n)}),r=s.length*5.6+6,o=(a,l)=>M("rect",{class:`gg-${a}`,x:r+12*l,y:2,width:11,height:11,rx:1.5}),i=r+12*t.length;return{width:i+70,parts:[e(0,s),...t.map(o),e(i+4,ve(n))]}}var Rt=class{constructor(e){this.layer=e,this.paths=new Map}clear(){this.paths.clear(),this.layer.replaceChildren()}show({bundled:e,far:t,picture:s,session:r,largest:o}){if(e===null){this.paths.size&&this.clear();return}let i=new Map([...this.paths.keys()].map(c=>[c,""]));i.set("lines",e);let a="";for(let{x:c,y:h,body:d,badge:p,kind:f,node:m}of t?s.boxes:[]){let b=Rs(c+d.x,h+d.y,d.width,d.height);a+=b,p&&(a+=Rs(c+p.x,h+p.y,p.width,p.height));let w=f==="node"?r.grad(m):null;if(w===null)continue;let v=St(w,o);i.set(v,(i.get(v)??"")+b)}i.set("frames",a);let l=["lines","frames"];for(let c of[...l,...[...i.keys()].filter(h=>!l.includes(h))])this.paths.has(c)||(this.paths.set(c,M("path",{class:`gg-${c}`})),this.layer.append(this.paths.get(c))),S(this.paths.get(c),"d",i.get(c))}};function Rs(n,e,t,s){return`M${n} ${e}h${t}v${s}h${-t}z`}var Ji={ArrowUp:"ArrowLeft",ArrowLeft:"ArrowUp",ArrowDown:"ArrowRight",ArrowRight:"ArrowDown"};function Ws({boxes:n,wires:e},t,s,r,o,i){let a=i==="TB"?Ji[o]:o,l=t[r].length?e[t[r][0]].from:null,c=s[r].length?e[s[r][0]].to:null;return a==="ArrowLeft"?l:a==="ArrowRight"?c:Qi(n,r,a==="ArrowUp"?-1:1,i)??(a==="ArrowUp"?l:c)}function Qi(n,e,t,s){let[r,o]=s==="TB"?["y","x"]:["x","y"],[i,a]=s==="TB"?["height","width"]:["width","height"],l=p=>p[o]+p[a]/2,c=n[e],h=null,d=1/0;return n.forEach((p,f)=>{let m=t*(l(p)-l(c)),b=Math.max(p[r]-c[r]-c[i],c[r]-p[r]-p[i]);m<=0||m>=d||b>=0||(d=m,h=f)}),h}var Us=300,ea=40,An=6e3,ta=12,Ks=12,Hs=32,Vs=2,Xs="count.leaf",Zs="count.constant",Ft=class{constructor(e){this.engine=e,this.groups=e.document.groups??[],this.units=[{key:"",kind:"root",title:"",parent:-1,children:null}],this._adopt(),this._plant(),this._untangle(),this._banded(),this._number(),this.byKey=new Map(this.units.map((t,s)=>[t.key,s]))}initial(){return this.engine.n<=ea?this.all():new Set}all(e=An){let t=new Set,s=this.units[0].children.length,r=[0];for(;r.length;){let o=[];for(let i of r)for(let a of this.units[i].children){if(a>=0)continue;let l=this.units[-1-a];s+l.children.length>e||(s+=l.children.length-1,t.add(l.key),o.push(-1-a))}r=o}return t}reveal(e){let t=[];for(let s=this.home[e];s>0;s=this.units[s].parent)t.push(this.units[s].key);return t.reverse()}around(e){let t=this.byKey.get(e);return t!==void 0?t>0?this.units[this.units[t].parent].key:"":this.units[this.home[Number(e.slice(1))]].key}view(e){let t=[],s=[{key:"",kind:"root",title:"",parent:-1}],r=new Int32Array(this.engine.n),o=[[0,0]];for(;o.length;){let[i,a]=o.pop();for(let l of this.units[i].children){if(l>=0){r[l]=t.length,t.push({key:`n${l}`,kind:"node",node:l,count:1,cluster:a,ports:0});continue}let c=this.units[-1-l];if(e.has(c.key)){o.push([-1-l,s.length]),s.push({key:c.key,kind:c.kind,title:c.title,parent:a});continue}for(let h=c.from;h<c.to;h++)r[this.order[h]]=t.length;t.push({...this._described(c),cluster:a,ports:0})}}return{boxes:t,clusters:s,wires:this._wires(t,r),boxOf:r}}_wires(e,t){let{start:s,args:r,n:o}=this.engine,i=[],a=new Map;for(let l=0;l<o;l++){let c=t[l],h=e[c].kind==="node";h&&(e[c].ports=s[l+1]-s[l]);for(let d=s[l];d<s[l+1];d++){let p=t[r[d]];if(p===c)continue;if(h&&e[p].kind==="node"){i.push({from:p,to:c,port:d-s[l],edge:d,count:1});continue}let f=(h?s[o]+d:p)*e.length+c,m=a.get(f);if(m){m.count++,m.edge=-1;continue}let b={from:p,to:c,port:h?d-s[l]:e[c].ports++,edge:d,count:1};a.set(f,b),i.push(b)}}return i}_described(e){return e.box??={key:e.key,kind:e.kind,nodes:this.order.subarray(e.from,e.to),count:e.to-e.from,times:e.times??1,title:e.title,lines:this._lines(e)},e.box}_lines(e){let t=e.to-e.from,s=[e.times?`${e.times} × ${ht(t/e.times,"node")}`:ht(t,"node")],r=e.children.filter(p=>p<0).map(p=>this.units[-1-p]);if(e.kind==="group"&&r.length&&r.length<=2)return s.push(r.map(p=>p.times?p.title:ie(p.title,16)).join(", ")),s;let{op:o,document:i,kind:a}=this.engine,l=new Map;for(let p=e.from;p<e.to;p++){let f=this.order[p],m=o[f]>=0?_e(i.ops[o[f]].symbol):a[f]===Vs?Zs:Xs;l.set(m,(l.get(m)??0)+1)}let c=[...l].sort((p,f)=>f[1]-p[1]||(p[0]<f[0]?-1:1)),h=(p,f)=>p===Xs||p===Zs?u(p,{n:f}):p,d=c.slice(0,3).map(([p,f])=>`${ms(f)} ${ie(h(p,f),12)}`);return s.push(d.join(", ")+(c.length>3?", …":"")),s}_adopt(){let{engine:e}=this;this.groupOf=Int32Array.from(e.document.nodes.group);for(let t=e.n-1;t>=0;t--)e.kind[t]!==Vs||this.groupOf[t]>=0||e.useStart[t]===e.useStart[t+1]||(this.groupOf[t]=this.groupOf[e.owner[e.useEdges[e.useStart[t]]]])}_plant(){let{groups:e,groupOf:t,units:s}=this,r=new Int32Array(e.length);e.forEach((o,i)=>{r[i]=s.length;let a=o.parent<0?0:r[o.parent];s.push({key:`g${i}`,kind:"group",title:ie(o.name,Hs),name:o.name,parent:a})}),this.home=t.map(o=>o<0?0:r[o]),this._stack(this._signatures())}_signatures(){let{units:e,home:t,engine:s}=this,r=e.map(()=>new Map);for(let o=0;o<s.n;o++){let i=r[t[o]],a=s.op[o]<0?-s.kind[o]:s.op[o];i.set(a,(i.get(a)??0)+1)}for(let o=e.length-1;o>0;o--){let i=r[e[o].parent];for(let[a,l]of r[o])i.set(a,(i.get(a)??0)+l)}return r.map(o=>[...o].sort((i,a)=>i[0]-a[0]).map(([i,a])=>`${i}x${a}`).join(","))}_stack(e){let{units:t}=this,s=new Map;for(let a=1;a<t.length;a++){let l=t[a].name.replace(/[\s_#[(.-]*\d+[\])]?$/u,"");if(l===t[a].name||!e[a])continue;let c=`${t[a].parent}|${e[a]}|${l}`;s.has(c)||s.set(c,[]),s.get(c).push(a)}let r=new Int32Array(t.length).fill(-1),o=[...s.values()].filter(a=>a.length>1);o.forEach((a,l)=>a.forEach(c=>r[c]=l));let i=this._following(r);for(let[a,l]of o.entries()){if(l.length<=ta&&i.has(a))continue;let{name:c,parent:h}=t[l[0]],p=`${ie(c.replace(/[\s_#[(.-]*\d+[\])]?$/u,"")||c,Hs)} ×${l.length}`;for(let f of l)t[f].parent=t.length;t.push({key:`r${t[l[0]].key}`,kind:"repeat",title:p,parent:h,times:l.length})}}_following(e){let{n:t}=this.engine,{pairs:s}=this._pairs(),r=new Set;for(let o=0;o<s.length;o+=2){if(s[o]<t||s[o+1]<t)continue;let i=e[s[o]-t];i>=0&&i===e[s[o+1]-t]&&r.add(i)}return r}_untangle(){let e=new Set;for(;;){let{pairs:t,items:s}=this._pairs(),r=vs(s,t);if(!r.length)break;let o=r.filter(a=>a>=this.engine.n).map(a=>a-this.engine.n),i=o.filter(a=>this.units[a].kind==="repeat");for(let a of i.length?i:o)e.add(a);this._dissolve(e)}}_dissolve(e){let{units:t,home:s}=this,r=o=>{for(;e.has(o);)o=t[o].parent;return o};for(let o=0;o<s.length;o++)s[o]=r(s[o]);for(let o=1;o<t.length;o++)e.has(o)||(t[o].parent=r(t[o].parent));this.gone=e}_pairs(){let{units:e,home:t,engine:s}=this,{n:r}=s,o=new Int32Array(e.length).fill(-1);o[0]=0;for(let a=1;a<e.length;a++){let l=[],c=a;for(;o[c]<0;c=e[c].parent)l.push(c);for(let h=l.length-1;h>=0;h--)o[l[h]]=o[e[l[h]].parent]+1}let i=new Int32Array(2*s.edges);for(let a=0;a<s.edges;a++){let l=s.args[a],c=s.owner[a],h=t[l],d=t[c];for(;h!==d;)o[h]>=o[d]?(l=r+h,h=e[h].parent):(c=r+d,d=e[d].parent);i[2*a]=l,i[2*a+1]=c}return{pairs:i,items:r+e.length}}_banded(){let{units:e,home:t,engine:s}=this,{n:r}=s,{pairs:o,items:i}=this._pairs();this.rank=Et(i,o);let a=e.map(()=>[]);for(let h=0;h<r;h++)a[t[h]].push(h);for(let h=1;h<e.length;h++)this.gone?.has(h)||a[e[h].parent].push(-1-h);let l=new Uint8Array(e.length);for(let h=0;h<r;h++)for(let d=t[h];d>=0&&!l[d];d=e[d].parent)l[d]=1;let c=e.length;for(let h=0;h<c;h++)e[h].children=a[h].filter(d=>d>=0||l[-1-d]);for(let h=0;h<e.length;h++)this._cut(h)}_rankOf(e){return this.rank[e>=0?e:this.engine.n-1-e]}_cut(e){let t=this.units[e];if(t.children.length<=Us)return;let s=t.children.map(f=>this._rankOf(f)),r=1/0,o=-1/0;for(let f of s)r=Math.min(r,f),o=Math.max(o,f);let i=t.kind==="band"?t.shift:r;if(r===o){this._slices(e,r,i);return}let a=Array.from({length:o-r+1},()=>[]);t.children.forEach((f,m)=>a[s[m]-r].push(f));let l=t.children.length/Ks,c=[],h=[],d=0,p=f=>{h.length===1?c.push(h[0]):h.length&&c.push(this._band(e,h,r+d,r+f,i)),h=[]};a.forEach((f,m)=>{h.length&&h.length+f.length>1.5*l&&p(m-1),h.length||(d=m);for(let b of f)h.push(b);h.length>=l&&p(m)}),p(a.length-1),t.children=c}_slices(e,t,s){let r=this.units[e],{children:o}=r,i=Math.ceil(o.length/Math.min(Ks,Math.ceil(o.length/(Us/3)))),a=r.slice??0,l=[];for(let c=0;c<o.length;c+=i){let h=o.slice(c,c+i);l.push(this._band(e,h,t,t,s,a+c))}r.children=l}_band(e,t,s,r,o,i=null){let{units:a}=this,l=a[e].kind==="band"?a[e].outer:a[e].key,c=s===r?oe(s-o):`${oe(s-o)}–${oe(r-o)}`,h=i===null?"":`, ${oe(i+1)}–${oe(i+t.length)}`,d=`b${l}:${s}-${r}${i===null?"":`/${i}+${t.length}`}`,p=u("outline.depth",{depths:c,place:h}),f=a.push({key:d,kind:"band",title:p,parent:e,children:t,outer:l,shift:o,slice:i})-1;for(let m of t)m>=0?this.home[m]=f:a[-1-m].parent=f;return-1-f}_number(){let{units:e}=this;this.order=new Int32Array(this.engine.n);let t=0,s=[{u:0,k:0}];for(e[0].from=0;s.length;){let r=s.at(-1),o=e[r.u];if(r.k===o.children.length){o.to=t,s.pop();continue}let i=o.children[r.k++];i>=0?this.order[t++]=i:(e[-1-i].from=t,s.push({u:-1-i,k:0}))}}};var na=12,sa=1600,ra=/Mac|iP/.test(globalThis.navigator?.platform??""),Qs={left:[1,0],right:[-1,0],up:[0,1],down:[0,-1]},Ys=Object.keys(Qs);function oa(n){let e=Math.min(...n.map(o=>o.x)),t=Math.min(...n.map(o=>o.y)),s=Math.max(...n.map(o=>o.x+o.width)),r=Math.max(...n.map(o=>o.y+o.height));return{x:e,y:t,width:s-e,height:r-t}}function er(n,e,{width:t,height:s}){return e.reduce((r,o)=>{let i=oa([r,o]);return i.width<=t&&i.height<=s?i:r},n)}function tr(n,{width:e,height:t}){return{k:1,x:e/2-n.x-n.width/2,y:t/2-n.y-n.height/2}}function nr({k:n,x:e,y:t},s,r,o){return{k:n,x:Js(e,s.width*n,0,r.width),y:Js(t,s.height*n,o,r.height)}}function Js(n,e,t,s){return e<=s-t?(t+s-e)/2:Math.min(t,Math.max(s-e,n))}function sr({k:n,x:e,y:t},s,{width:r,height:o}){let[i,a]=Qs[s];return{k:n,x:e+.75*i*r,y:t+.75*a*o}}var Dt=class{constructor(e){this.more=Ys.map(s=>{let r=u(`sight.${s}_label`);return q(u(`sight.${s}`),()=>e(s),{class:`gg-more gg-more-${s}`,"aria-label":r,hidden:!0})});let t=u(ra?"sight.wheel_mac":"sight.wheel");this.told=g("p",{class:"gg-told","aria-hidden":"true",hidden:!0},t),this.elements=[...this.more,this.told]}update({k:e,x:t,y:s},r,o){let i={left:-t,right:t+r.width*e-o.width,up:-s,down:s+r.height*e-o.height};Ys.forEach((a,l)=>this.more[l].hidden=i[a]<na)}tell(){this.told.hidden=!1,clearTimeout(this.timer),this.timer=setTimeout(()=>this.told.hidden=!0,sa)}stop(){clearTimeout(this.timer)}};var rr=450,Be=.34,ia=60,aa=.8,la=9,ca=400,ua=3,ha=6,da=1.1,or=12,mt=36,ir=2,pa=1,ar=la/pt,bt=class{static keys=[{shown:()=>"← →",text:()=>u("keys.edges")},{shown:()=>"↑ ↓",text:()=>u("keys.beside")},{shown:()=>u("shown.enter"),text:()=>u("keys.select")},{shown:()=>u("shown.backspace"),text:()=>u("keys.close_group")},{shown:()=>u("shown.drag"),text:()=>u("keys.move")},{shown:()=>u("shown.wheel"),text:()=>u("keys.zoom")}];constructor(e,t,{direction:s="auto",alone:r=!0}={}){this.session=e,this.container=t,this.outline=new Ft(e.engine),this.asked=s,this.elements=new Map,this.lines=new Map,this.agreement=new Map,this._build(r),this.unsized=!this.frame.clientWidth,this._choose(),this.off=e.on("*",(o,i)=>this._stale(i)),this.camera.resized=()=>this._resized(),this.begin()}_build(e){let t=o=>M("g",{class:o});this.layers={clusters:t("gg-clusters"),overview:M("g",{class:"gg-overview","aria-hidden":"true"}),wires:M("g",{class:"gg-wires","aria-hidden":"true"}),names:t("gg-names"),boxes:t("gg-boxes"),marks:M("g",{class:"gg-marks","aria-hidden":"true"})},this.overview=new Rt(this.layers.overview),this.world=M("g",{},...Object.values(this.layers)),this.svg=M("svg",{class:"gg-sheet",role:"application","aria-label":u("graph.label")},this.world),this.legend=M("svg",{class:"gg-legend",height:16,width:0,"aria-hidden":"true"});let s=(o,i,a)=>q(o,a,{"aria-label":i,title:i});this.turn=s("⤵",u("graph.turn"),()=>this.turnTo(this.direction==="LR"?"TB":"LR")),this.tools=g("div",{class:"gg-tools"},this.opener=s(u("graph.open"),u("graph.open_label"),()=>this.openAll()),this.closer=s(u("graph.close"),u("graph.close_label"),()=>this.closeAll()),this.turn,s("−",u("graph.zoom_out"),()=>this.zoomBy(1/1.4)),s("+",u("graph.zoom_in"),()=>this.zoomBy(1.4)),s(u("graph.fit"),u("graph.fit_label"),()=>this.fit(!0))),this.hints=new Dt(o=>this._further(o)),this.frame=g("div",{class:"gg-view"},this.svg,this.legend,this.tools,this.hints.elements),this.container.append(this.frame),this.camera=new Pt(this.frame,this.svg,this.world,{rebased:()=>this._show(),clicked:o=>this._clicked(o),alone:e,unheld:()=>this.hints.tell()}),this.camera.whole=()=>this._whole(),this.frame.addEventListener("keydown",o=>this._key(o)),this.frame.addEventListener("click",o=>o.detail===0&&this._act(o.target.closest?.("[data-key]"))),this.frame.addEventListener("focusin",o=>this._focused(o.target));let r=this.outline.units.length>1;this.opener.hidden=!r,this.closer.hidden=!r}relayout(){this.view=this.outline.view(this.opened),this.picture=As(this.session.engine,this.view,this.direction);let{boxes:e,wires:t}=this.picture;this.placeOf=new Map(e.map((s,r)=>[s.key,r])),this.ins=e.map(()=>[]),this.outs=e.map(()=>[]),t.forEach((s,r)=>{this.ins[s.to].push(r),this.outs[s.from].push(r)});for(let s of this.ins)s.sort((r,o)=>t[r].port-t[o].port);this.elements.clear(),this.lines.clear();for(let s of Object.values(this.layers))s.replaceChildren();this.clusters=this.picture.clusters.map((s,r)=>r?Ct(s):null);for(let s of this.clusters)s&&(this.layers.clusters.append(s.frame),this.layers.names.append(s.name));this.bundle=null,this.overview.clear(),this.focus=this.placeOf.has(this.focus)?this.focus:`n${this.session.engine.root}`,this.placeOf.has(this.focus)||(this.focus=e[this.view.boxOf[this.session.engine.root]].key),this.camera.base&&this._show()}_choose(){let{asked:e}=this,t=e==="auto"?["LR","TB"]:[e],s=this.outline.initial(),r=s.size&&this.outline.units[0].children.length>=ua?[s,new Set]:[s],o=null;for(let i of r)for(let a of t){if(o&&this.picture.boxes.length>ca)break;this._lay(i,a);let{k:l}=this._fitting();if(l>=ar)return;(o===null||i===s&&l>o.k*da)&&(o={opened:i,direction:a,k:l})}(this.opened!==o.opened||this.direction!==o.direction)&&this._lay(o.opened,o.direction)}_lay(e,t){this.opened=e,this.direction=t,this.relayout()}turnTo(e){this.direction=e,this.relayout(),this.fit()}open(e){if(this.opened.has(e)||!this.outline.byKey.has(e))return;this.opened.add(e),this._within(e),this.relayout();let t=this.picture.clusters.find(s=>s.key===e);t&&this._look(t)}_within(e){for(let t=this.outline.around(e);t;t=this.outline.around(t))this.opened.add(t)}close(e){if(!this.opened.delete(e))return;this.focus=e,this.relayout();let t=this.picture.boxes[this.placeOf.get(e)];t&&this._look(t)}openAll(){this.opened=this.outline.all(An),this.relayout(),this.fit()}closeAll(){this.opened=new Set,this.relayout(),this.fit()}reveal(e){let t=this.outline.reveal(e).filter(s=>!this.opened.has(s));if(!t.length)return!1;for(let s of t)this.opened.add(s);return this.relayout(),!0}_size(){return{width:this.picture.width,height:this.picture.height}}fit(e=!1){this.camera.go(this._fitting(),e),this.fits="whole"}begin(){if(this._fitting().k>=ar)this.fit();else{let{node:e}=this.session.shown.last??this.session.engine.steps[0],{boxes:t,wires:s}=this.picture,r=this.view.boxOf[e],[o,...i]=[...this.ins[r].map(d=>s[d].from),r].map(d=>t[d]),{width:a,height:l}=this.camera,c={width:a-2*or,height:l-mt-2*or},h=er(o,[t[r],...i,...t],c);this.camera.go(this._clamped(tr(h,{width:a,height:l+mt})))}this.fits="first"}_resized(){this.fits==="whole"&&this.fit(),this.fits==="first"&&(this.unsized&&this._choose(),this.unsized=!1,this.begin())}_further(e){this.fits=null,this.camera.go(this._clamped(sr(this.camera.now,e,this.camera)),!0)}_clamped(e){return nr(e,this.picture,this.camera,mt)}_fitting(){let{width:e,height:t}=this.camera,s=zn({x:0,y:0,...this._size()},{width:e,height:t-mt});return{...s,y:s.y+mt}}zoomBy(e){this.fits=null,this.camera.zoomBy(e)}panBy(e,t){this.fits=null,this.camera.panBy(e,t)}center(e){let t=this.reveal(e),s=this.picture.boxes[this.view.boxOf[e]];if(this.focus=s.key,!t&&this.camera.now.k>=Be&&this.camera.holds(s)){this.refresh();return}this._middle(s,Math.max(this.camera.now.k,aa),!t)}_middle(e,t,s=!0){let{width:r,height:o}=this.camera;this.fits=null;let i=r/2-t*(e.x+e.width/2),a=o/2-t*(e.y+e.height/2);this.camera.go(this._clamped({k:t,x:i,y:a}),s)}_look(e){if(this._fitting().k>=.6){this.fit();return}let t=zn(e,this.camera,Math.max(this.camera.now.k,.6),24);t.k<.45&&this.picture.boxes.length<=300&&(t.k=Math.max(t.k,Math.min(.45,t.k*2))),this.fits=null,this.camera.go(t)}_whole(){let[e,t,s,r]=this.camera.region;return e<=0&&t<=0&&s>=this.picture.width&&r>=this.picture.height}_show(){let{boxes:e,wires:t}=this.picture,[s,r,o,i]=this.camera.region,a=(h,d,p,f)=>h<=o&&p>=s&&d<=i&&f>=r,l=[];e.forEach((h,d)=>{a(h.x-10,h.y-10,h.x+h.width+10,h.y+h.height+10)&&l.push(d)}),this.far=l.length>rr;let{k:c}=this.camera.base;S(this.world,"class",c<Be&&(l.length>ia||c<Be/2)?"gg-far":null),this.wanted=new Set(this.far?[]:l),this.wires=new Map,this.far||t.forEach((h,d)=>{let p=$s(h,this.camera.region);p&&this.wires.set(d,p)}),this.hints.update(this.camera.now,this.picture,this.camera),this.bundled=null,this.far?this.bundled=this.bundle??=t.map(h=>Ve(h,this.picture.at)).join(""):this.wires.size>2*rr&&(this.bundled=[...this.wires].map(([h,d])=>Ve(t[h],this.picture.at,...d)).join(""),this.wires.clear()),this.refresh()}refresh(){if(!this.camera.base)return;let{session:e}=this;this._scale(),this._work(),this._follow();let t=new Set([this.placeOf.get(this.focus),...this.working]);e.selected!==null&&t.add(this.view.boxOf[e.selected]),e.mistake?.first!=null&&t.add(this.view.boxOf[e.mistake.first]),this._keep(this.elements,new Set([...this.wanted,...t]),this.layers.boxes,r=>this._newBox(r)),this._keep(this.lines,this.wires,this.layers.wires,r=>It(this.picture.wires[r],""));for(let[r,o]of this.elements)gt(o,e,this.picture.boxes[r],this._state(r));let s=e.selected===null?-1:this.view.boxOf[e.selected];for(let[r,o]of this.lines){let i=this.picture.wires[r],[a,l]=this.wires.get(r);(o.first!==a||o.last!==l)&&(Object.assign(o,{first:a,last:l}),o.line.setAttribute("d",Ve(i,this.picture.at,a,l))),Bt(o,e,i,i.from===s||i.to===s?"gg-near":"")}this.overview.show(this),B(this.layers.marks,Fs(this)),this._legend(),this._check()}_newBox(e){let t=Lt(this.session,this.picture.boxes[e]);return this.picture.boxes[e].key===this.focus&&t.group.setAttribute("tabindex",0),t}_keep(e,t,s,r){for(let[o,i]of e)t.has(o)||(i.group.remove(),e.delete(o));for(let o of t.keys()){if(o===void 0||e.has(o))continue;let i=r(o);e.set(o,i),s.append(i.group)}}_scale(){this.largest=0;for(let e of this.picture.boxes){if(e.kind!=="node")continue;let t=this.session.grad(e.node);t!==null&&Number.isFinite(t)&&(this.largest=Math.max(this.largest,Math.abs(t)))}}_work(){let{session:e}=this,t=e.complete&&!e.playing?null:e.shown.last;if(this.change=t&&!e.mistake?e.engine.change(e.t):null,this.working=new Set,!!this.change){this.working.add(this.view.boxOf[this.change.node]);for(let{id:s}of this.change.operands)this.working.add(this.view.boxOf[s])}}_follow(){let{session:e}=this;if(e.t===this.at)return;let t=this.at===void 0;if(this.at=e.t,t||!this.change||this.camera.pointers.size)return;let s=this.picture.boxes[this.view.boxOf[this.change.node]];this.camera.holds(s)||queueMicrotask(()=>this._middle(s,this.camera.now.k))}_state(e){let t=this.picture.boxes[e],{session:s}=this;if(t.kind!=="node")return this._unitState(e,t);let r=t.node,{kind:o,roots:i}=s.engine,a=s.value(r),l=s.grad(r),c=l!==null&&!Number.isFinite(l)||a!==null&&!Number.isFinite(a),h=[];return o[r]===pa&&h.push("gg-leaf"),i.includes(r)&&h.push("gg-root"),a===null&&h.push("gg-unknown"),s.note(r)&&h.push("gg-stale"),c&&h.push("gg-nonfinite"),s.mistake?.first===r&&h.push("gg-wrong"),s.selected===r&&h.push("gg-selected"),this.change?.node===r&&h.push("gg-work"),{classes:h.join(" "),value:a,grad:l,bad:c,hidden:s.hidden(r),shade:o[r]===ir||l===null?"none":St(l,this.largest),agreement:l===null?null:this.agreement.get(r)??null}}_unitState(e,t){let{session:s}=this,{mistake:r}=s,{bad:o,done:i}=this._inside(t),a=[];return o&&a.push("gg-nonfinite"),t.nodes.some(l=>s.note(l))&&a.push("gg-stale"),s.selected!==null&&this.view.boxOf[s.selected]===e&&a.push("gg-holds"),r?.first!=null&&this.view.boxOf[r.first]===e&&a.push("gg-wrong"),this.change&&this.view.boxOf[this.change.node]===e&&a.push("gg-work"),{classes:a.join(" "),bad:o,done:i}}_inside(e){let{session:t}=this,{complete:s,mistake:r,shown:o,engine:i}=t,a=r?.grad??(s?t.recorded?.grad??i.grad:o.grads),l=r?.value??t.recorded?.value??i.value,c=t.t>i.seedAt,h=!1,d=0;for(let p of e.nodes){let f=i.kind[p]===ir,m=f||!i.below[p];(c?o.seen[p]>0||m:o.known[p])&&d++,o.known[p]&&!Number.isFinite(l[p])&&(h=!0),(s||o.seen[p])&&!f&&!Number.isFinite(a[p])&&(h=!0)}return{bad:h,done:s?null:Math.round(100*d/e.count)/100}}_legend(){if(this.largest===this.scaled)return;this.scaled=this.largest;let{width:e,parts:t}=Ds(this.largest);B(this.legend,t),S(this.legend,"width",e)}_stale(e){e!=="document"&&((e==="values"||e==="bug"||e==="frame")&&(this.checked=new Set),this.checked??=new Set)}_check(){if(this.checked??=new Set,!this.session.complete){this.agreement.clear(),this.checked.clear();return}if(this.checking||this.far||this.camera.base.k<Be||!this._unchecked())return;let e=globalThis.requestIdleCallback??(t=>setTimeout(t,30));this.checking=e(()=>this._checkSome(),{timeout:500})}_unchecked(){for(let[e]of this.elements){let{kind:t,node:s}=this.picture.boxes[e];if(t==="node"&&!this.checked.has(s)&&this.session.grad(s)!==null)return this.picture.boxes[e]}return null}_checkSome(){if(this.checking=null,!this.session.complete||!this.camera.base)return;let e=performance.now()+ha;for(let t=this._unchecked();t;t=performance.now()<e?this._unchecked():null){let s=this.session.agrees(t.node);this.checked.add(t.node),this.agreement.set(t.node,s===null?"unknown":s?"yes":"no");let r=this.placeOf.get(t.key);gt(this.elements.get(r),this.session,t,this._state(r))}this._check()}_clicked(e){let[t,s]=this.camera.point(e.clientX,e.clientY),r=a=>t>=a.x&&s>=a.y&&t<=a.x+a.width&&s<=a.y+a.height,o=this.picture.boxes.findIndex(r);if(o>=0){this._use(this.picture.boxes[o].key);return}let i=this.picture.clusters.find((a,l)=>l&&r({x:a.x,y:a.y,width:_n(a)+8,height:24})&&this.camera.now.k>=Be);i?this.close(i.key):this.session.select(null)}_act(e){e&&this._use(e.dataset.key)}_use(e){let t=this.placeOf.get(e);if(t===void 0){this.close(e);return}let s=this.picture.boxes[t];if(this._roam(t),s.kind==="node")this.session.select(s.node),this.refresh();else{let r=this._hasFocus();this.open(e),r&&this._focusBox(this.view.boxOf[s.nodes[s.nodes.length-1]])}}_hasFocus(){let e=this.frame.getRootNode().activeElement;return e!==null&&this.svg.contains(e)}_key(e){if(e.ctrlKey||e.metaKey||e.altKey)return;let t=e.target.closest?.(".gg-box, .gg-cluster-name");if(!t)return;let{key:s}=t.dataset,r=this.placeOf.get(s),o=!0;if(e.key==="Enter"||e.key===" ")this._use(s),r===void 0&&this._focusBox(this.placeOf.get(this.focus));else if(e.key==="Backspace"){let i=this.outline.around(s);i&&(this.close(i),this._focusBox(this.placeOf.get(i)??this.placeOf.get(this.focus)))}else if(e.key.startsWith("Arrow")&&r!==void 0){let i=Ws(this.picture,this.ins,this.outs,r,e.key,this.direction);i!==null&&this._focusBox(i)}else o=!1;o&&(e.preventDefault(),e.stopPropagation())}_focused(e){let t=e.closest?.(".gg-box");t&&this.placeOf.has(t.dataset.key)&&this._roam(this.placeOf.get(t.dataset.key))}_roam(e){this.elements.get(this.placeOf.get(this.focus))?.group.setAttribute("tabindex",-1),this.focus=this.picture.boxes[e].key,this.elements.get(e)?.group.setAttribute("tabindex",0)}_focusBox(e){if(e===void 0)return;this._roam(e);let t=this.picture.boxes[e];!this.camera.holds(t)||this.camera.now.k<Be?this._middle(t,Math.max(this.camera.now.k,Be*1.5),!1):this.refresh(),this.elements.get(e)?.group.focus({preventScroll:!0,focusVisible:!0})}svgText(){return ft(this)}destroy(){this.off(),this.hints.stop(),(globalThis.cancelIdleCallback??clearTimeout)(this.checking),this.camera.destroy(),this.frame.remove()}};var Wt=5421010862427522e-35;function En(n){if(n!==n||n===-1/0||n<0&&qn(n))return NaN;if(Math.abs(n)<Wt)return 1/n;if(n>172)return 1/0;let e=n<0&&Math.floor(n)%2?-1:1;if(n<-200)return e*0;let[t,s]=On(n),r=96,[o,i]=ga(t>0n?Ln(t,s,r):dr(t,s,r),r),a=BigInt(Math.max(0,i));return e*wt(o<<a,1n<<BigInt(r+Math.max(0,-i)))}function Tn(n){if(n!==n)return n;if(Math.abs(n)===1/0||qn(n))return 1/0;if(n===1||n===2)return 0;if(Math.abs(n)<Wt)return-Math.log(Math.abs(n));let[e,t]=On(n);return $n(s=>e>0n?Ln(e,t,s):dr(e,t,s))}function Nn(n){return Kt(0,n)}function Kt(n,e){if(!Number.isInteger(n)||n<0||n>100||e!==e||e===-1/0)return NaN;let t=n%2===1,s=t?1:-1;if(e===1/0)return n===0?1/0:s*0;if(e===0)return t?1/0:-1/e;if(qn(e))return t?1/0:NaN;let[r,o]=On(e);if(Math.abs(e)<Wt)return wt(BigInt(s)*(fe(n)<<o*BigInt(n+1)),r**BigInt(n+1));if(n>0&&e>n/Wt)return wt(BigInt(s)*(fe(n-1)<<o*BigInt(n)),r**BigInt(n));if(r<0n)return $n(a=>va(n,r,o,a));if(n===0)return $n(a=>Sn(0,r,o,a));let i=n*Math.max(0,Ce(r)-Number(o));return wt(Sn(n,r,o,96,i),1n<<BigInt(96+i))}function ga(n,e){let t=BigInt(e),s=fr(e),r=n/s-(n%s<0n?1n:0n),o=n-r*s,i=1n<<t;for(let a=i,l=1n;a;l++)a=(a*o>>t)/l,i+=a;return[i,Number(r)]}function qn(n){return n<=0&&n===Math.floor(n)}function $n(n){for(let e=80;;e*=2){let t=n(e+16);if(Ce(t)>=76||e>=1200)return wt(t,1n<<BigInt(e+16))}}function wt(n,e){let t=70-Ce(n)+Ce(e),s=Number(t>0?(n<<BigInt(t))/e:n/(e<<BigInt(-t))),r=Math.trunc(t/2);return s*2**-r*2**(r-t)}function On(n){lr.setFloat64(0,n);let e=lr.getBigUint64(0),t=Number(e>>52n&0x7ffn),s=e&0xfffffffffffffn,r=t?s|0x10000000000000n:s,o=t?1075-t:1074;if(o<=0)return[n<0?-(r<<BigInt(-o)):r<<BigInt(-o),0n];let i=Math.min(o,Ce(r&-r)-1);return r>>=BigInt(i),o-=i,[n<0?-r:r,BigInt(o)]}var lr=new DataView(new ArrayBuffer(8));function Ce(n){if(n===0n)return 0;let e=(n<0n?-n:n).toString(16);return 4*e.length-Math.clz32(parseInt(e[0],16))+28}function cr(n,e,t){return n<<t>>e}function jn(n,e,t){let s=0n;for(let r=n.length-1;r>=0;r--)s=n[r]+(s*e>>t);return s}function ur(n,e,t){let s=e>>t;return s<BigInt(n)?n-Number(s):0}function Ln(n,e,t){let s=BigInt(t),r=1n<<e,o=ur(Ht(t,0),n,e),i=1n;for(let d=0;d<o;d++)i*=n,n+=r;let a=(1n<<s+e)/n,l=jn(fa(t),a*a>>s,s)*a>>s,h=((2n*n-r)*et(n,e,t)>>e+1n)-cr(n,e,s)+_a(t)+l;return o?h-et(i,e*BigInt(o),t):h}function Sn(n,e,t,s,r=0){let o=BigInt(s),i=o+BigInt(r),a=BigInt(n+1),l=1n<<t,c=fe(n)<<i+t*a,h=0n;for(let m=ur(Ht(s,n),e,t);m>0;m--)h+=c/e**a,e+=l;let d=(1n<<o+t)/e,p=jn(ma(n,s),d*d>>o,o);if(p=(p*d>>o)+(fe(n)<<o-1n),n===0)return et(e,t,s)-(p*d>>o)-h;let f=((p<<t)+(fe(n-1)*e<<o))/e;return f=(f<<t*BigInt(n)+i-o)/e**BigInt(n)+h,n%2?f:-f}function Ht(n,e){return Math.floor(n/5)+e}var fa=he(n=>hr(e=>[1n,2n*e*(2n*e-1n)],Ht(n,0),n,1n)),ma=he((n,e)=>hr(t=>[fe(2*Number(t)+n-1),fe(2*Number(t))],Ht(e,n),e,fe(Math.max(0,n-1))));function hr(n,e,t,s){let r=[];for(let i=1,a=null;a===null||(a<0n?-a:a)>=o(i-1);i++){let[l,c]=ba(i),[h,d]=n(BigInt(i));a=(l*h<<BigInt(t))/(c*d),r.push(a)}return r;function o(i){return s*BigInt(e)**BigInt(2*i-1)}}var ba=he(n=>{let e=2**Math.ceil(Math.log2(n)),t=4n**BigInt(n);return[(n%2?2n:-2n)*BigInt(n)*wa(e)[n-1],t*(t-1n)]}),wa=he(n=>{let e=[];for(let t=0;t<n;t++)e.push(fe(t));for(let t=1;t<n;t++)for(let s=t;s<n;s++)e[s]=BigInt(s-t)*e[s-1]+BigInt(s-t+2)*e[s];return e});function dr(n,e,t){let s=pr(n,e),[,r]=gr(s,e,t);return-(et(s<0n?-s:s,e,t)+et(r,BigInt(t),t))-Ln((1n<<e)-n,e,t)}function va(n,e,t,s){let r=xa(n),o=r.reduce((x,z)=>x+(z<0n?-z:z),0n),i=Ce(o)+2*n,a=s+i,l=BigInt(a),c=pr(e,t),[h,d]=gr(c,t,a),p=(h<<t+l)/(d*c),f=p*p>>l,m=In(a)**2n>>l,b=0n,w=1n<<l;for(let x of r)b=(b*f>>l)+x*w,w=w*m>>l;n%2===0&&(b=b*p>>l);let v=Sn(n,(1n<<t)-e,t,a);return(n%2?-v:v)-b>>BigInt(i)}var xa=he(n=>{let e=[1n];for(let t=0;t<n;t++){let s=new Array(e.length+1).fill(0n);e.forEach((r,o)=>{let i=BigInt(t+1-2*o);s[o]-=i*r,s[o+1]-=i*r}),e=t%2===0?s:s.slice(0,-1)}return e});function pr(n,e){let t=1n<<e-1n;return(n+t&(1n<<e)-1n)-t}function gr(n,e,t){let s=BigInt(t),r=In(t)*(n<0n?-n:n)>>e,o=r*r>>s,i=1n<<s,a=i,l=i;for(let c=2n;i;c+=2n)i=-(i*o>>s)/(c*(c-1n)),a+=i,l+=i/(c+1n);return[a,l]}function et(n,e,t){let s=BigInt(t),r=BigInt(Ce(n)-1),o=cr(n,r,s),i=(o>>s-5n)-32n,a=2n*i+65n<<s-6n,l=(o-a<<s)/(o+a),c=jn(ka(t),l*l>>s,s);return(r-e)*fr(t)+ya(t)[Number(i)]+(2n*l*c>>s)}var ka=he(n=>Array.from({length:Math.floor(n/14)+2},(e,t)=>(1n<<BigInt(n))/BigInt(2*t+1))),ya=he(n=>Array.from({length:32},(e,t)=>2n*Ut(BigInt(2*t+1),BigInt(2*t+129),n,1n))),fr=he(n=>2n*Ut(1n,3n,n,1n)),In=he(n=>16n*Ut(1n,5n,n,-1n)-4n*Ut(1n,239n,n,-1n)),_a=he(n=>et(2n*In(n),BigInt(n),n)/2n),fe=he(n=>n<2?1n:BigInt(n)*fe(n-1));function Ut(n,e,t,s){let r=BigInt(t+16),o=(n<<r)/e,i=0n;for(let a=1n;o;a+=2n)i+=o/a,o=s*o*n*n/(e*e);return i>>BigInt(16)}function he(n){let e=new Map;return(...t)=>{let s=t.length===1?t[0]:t.join();return e.has(s)||e.set(s,n(...t)),e.get(s)}}var za=1024;function Bn(n,e){let t=Math.abs(n);if(n===1||t===1&&Math.abs(e)===1/0)return 1;if(Math.abs(e)<za||!(Math.abs(e)<2**31)||!Number.isInteger(e)||!(0<t&&t<1/0))return Math.pow(n,e);let s=Math.sign(e)/2,r=Math.pow(t,e-s)*Math.pow(t,s);return n<0&&e%2!==0?-r:r}function mr(n,e){let t=n%e;return t===0?e<0?-0:0:t<0==e<0?t:t+e}function br(n,e){if(e===0)return n/e;let t=n%e,s=t!==0&&t<0!=e<0?1:0,r=(n-t)/e-s;if(r===0)return 0*(n/e);let o=Math.floor(r);return r-o>.5?o+1:o}var Cn=2/Math.sqrt(Math.PI),Ae=1,tt=100;function vt(n){let e=Math.abs(n);return e<Ae?n*(Cn*Ma(n)):n<0?Vt(e)-1:1-Vt(e)}function wr(n){return n<-Ae?2-Vt(-n):n<Ae?1-vt(n):Vt(n)}function Ma(n){let e=n*n,t=1,s=1;for(let r=1;t>1e-17*s;r++)t*=e/(r+.5),s+=t;return Math.exp(-e)*s}function Vt(n){if(!(n<28))return n===n?0:n;let e=Math.fround(n);return Math.exp(tt-e*e)*Math.exp((e-n)*(e+n))/vr(n)*(Cn/2)*Math.exp(-tt)}function vr(n){let e=n;for(let t=Math.ceil(20+200/(n*n));t>0;t--)e=n+.5*t/e;return e}function Xt(n){if(n>=Ae)return Cn/2/vr(n);if(n<-27)return 1/0;let e=Math.fround(n),t=Math.exp(e*e)*Math.exp((n-e)*(n+e));return n<-Ae?2*t-Xt(-n):t*(1-vt(n))}var Pn=38.75;function nt(n){if(!(Math.abs(n)<Pn))return n===n?0:n;let e=Math.fround(n);return Math.exp(tt-e*e/2)*Math.exp((e-n)*(e+n)/2)/Math.sqrt(2*Math.PI)*Math.exp(-tt)}function Zt(n){return n<-Ae?nt(n)*Gn(-n):.5+.5*vt(n*Math.SQRT1_2)}function xr(n){return n<=-Pn?-0:n<-Ae?nt(n)*(n*Gn(-n)):n*Zt(n)}function kr(n){if(!(Math.abs(n)<Pn))return n===n?n>0?1:-0:n;let e=Math.abs(n),t=e<Ae?Zt(-e)-e*nt(e):nt(e)*(Gn(e)-e);return n>0?1-t:t}function yr(n){if(!(Math.abs(n)<28))return n===n?0:n;let e=Math.fround(n);return Math.exp(tt-e*e)*Math.exp((e-n)*(e+n))*Math.exp(-tt)}function Gn(n){return Math.sqrt(Math.PI/2)*Xt(n*Math.SQRT1_2)}function _r(n,e){if(n===e)return 1;let t=n-e,s=Math.exp(t);if(!(s>0&&s<1/0))return s;let r=t-n;return s+s*(n-(t-r)-(e+r))}function zr(n){if(!(Math.abs(n)<800))return n===n?n>0?1:-0:n;let e=Math.abs(n),t=Math.exp(-e),s=Math.exp(-e/2),r=s*((1-e+t)/((1+t)*(1+t)))*s;return n>0?1-r:r}function Mr(n){if(!(n<0))return n/(1+Math.exp(-n));let e=Math.exp(n/2);return n<-800?-0:n*e*e/(1+e*e)}var Rn={add:(n,e)=>n+e,sub:(n,e)=>n-e,mul:(n,e)=>n*e,div:(n,e)=>n/e,neg:n=>-n,pow:(n,e)=>Bn(n,e),mod:(n,e)=>mr(n,e),floordiv:(n,e)=>br(n,e),identity:n=>n,detach:n=>n,exp:n=>Math.exp(n),exp_sub:(n,e)=>_r(n,e),expm1:n=>Math.expm1(n),exp2:n=>Bn(2,n),log:n=>Math.log(n),log1p:n=>Math.log1p(n),log2:n=>Math.log2(n),log10:n=>Math.log10(n),sqrt:n=>Math.sqrt(n),cbrt:n=>Math.cbrt(n),square:n=>n*n,sin:n=>Math.sin(n),cos:n=>Math.cos(n),tan:n=>Math.tan(n),asin:n=>Math.asin(n),acos:n=>Math.acos(n),atan:n=>Math.atan(n),atan2:(n,e)=>Math.atan2(n,e),sinh:n=>Math.sinh(n),cosh:n=>Math.cosh(n),tanh:n=>Math.tanh(n),asinh:n=>Math.asinh(n),acosh:n=>Math.acosh(n),atanh:n=>Math.atanh(n),exp_neg_square:n=>yr(n),erf:n=>vt(n),erfc:n=>wr(n),erfcx:n=>Xt(n),norm_pdf:n=>nt(n),norm_cdf:n=>Zt(n),gelu:n=>xr(n),gelu_slope:n=>kr(n),silu:n=>Mr(n),silu_slope:n=>zr(n),gamma:n=>En(n),lgamma:n=>Tn(n),digamma:n=>Nn(n),polygamma:(n,e)=>Kt(n,e),where:(n,e,t)=>n!==0?e:t,abs:n=>Math.abs(n),abs_slope:n=>Math.sign(n),relu:n=>n<=0?0:n,maximum:(n,e)=>n>e||n!==n?n:e,minimum:(n,e)=>n<e||n!==n?n:e,sign:n=>Math.sign(n)+0,floor:n=>Math.floor(n),ceil:n=>Math.ceil(n),hypot:(n,e)=>Math.hypot(n,e),less:(n,e)=>n<e?1:0,less_equal:(n,e)=>n<=e?1:0,greater:(n,e)=>n>e?1:0,greater_equal:(n,e)=>n>=e?1:0,equal:(n,e)=>n===e?1:0,not_equal:(n,e)=>n!==e?1:0};var Aa="glassgrad-document",Ar=1,Pe=0,de=1,ee=2,Fn=2**-52,$r=Math.cbrt(Fn),$a=30*Fn**(2/3),Sa=1e-12;function Y(n){return typeof n=="number"?n:n==="inf"?1/0:n==="-inf"?-1/0:NaN}var st=class{constructor(e){if(e?.format!==Aa)throw new TypeError(u("document.none"));if(e.version!==Ar)throw new TypeError(u("document.version",{found:e.version,known:Ar}));let t=e.nodes;this.document=e,this.n=t.op.length,this.root=e.root,this.roots=e.roots??[e.root],this.op=Int32Array.from(t.op),this.kind=Int8Array.from(t.kind),this.start=Int32Array.from(t.start),this.args=Int32Array.from(t.args),this.rule=Int32Array.from(t.rule),this.edges=this.args.length,this.value=Float64Array.from(t.value,Y),this.grad=new Float64Array(this.n),this.slope=new Float64Array(this.edges).fill(NaN);for(let[s,r]of Object.entries(e.slopes??{}))this.slope[s]=Y(r);this.rules=e.rules.map(Sr),this.functions=e.ops.map(s=>s.live?s.tape?Ta(s.tape):Rn[s.name]:void 0),this.selects=e.ops.map(s=>s.selects),this.passes=e.ops.map(s=>s.name!=="detach"),this.python=Float64Array.from(t.grad,s=>s===null?NaN:Y(s)),this.original=this.value.slice(),this.stale=new Uint8Array(this.n),this._place=null,this._sent=null,this._scratch=null,this._dirty=null,this._connect(),this._order(),this.update()}_connect(){let{n:e,start:t,args:s,edges:r}=this;this.owner=new Int32Array(r),this.useStart=new Int32Array(e+1),this.stuck=new Uint8Array(e);for(let i=0;i<e;i++){let a=this.op[i];a>=0&&(!this.functions[a]||this.start[i+1]===this.start[i])&&(this.stuck[i]=1);for(let l=t[i];l<t[i+1];l++)this.owner[l]=i,this.useStart[s[l]+1]++}for(let i=0;i<e;i++)this.useStart[i+1]+=this.useStart[i];let o=this.useStart.slice();this.useEdges=new Int32Array(r);for(let i=0;i<r;i++)this.useEdges[o[s[i]]++]=i}_order(){this.computed=[];for(let e=0;e<this.n;e++)this.kind[e]===Pe&&this.computed.push(e);this.below=new Uint8Array(this.n),this.below[this.root]=1;for(let e=this.root;e>=0;e--)if(this.below[e])for(let t of this.operands(e))this.below[t]=1;this.back=this.computed.filter(e=>this.below[e]).reverse(),this.steps=this.computed.map(e=>({phase:"forward",node:e})),this.steps.push({phase:"seed",node:this.root});for(let e of this.back)this.steps.push({phase:"backward",node:e});this.seedAt=this.computed.length}operation(e){return this.op[e]<0?null:this.document.ops[this.op[e]]}operands(e){return Array.from(this.args.subarray(this.start[e],this.start[e+1]))}users(e){return Array.from(this.useEdges.subarray(this.useStart[e],this.useStart[e+1]),t=>({node:this.owner[t],edge:t}))}label(e){return this.document.strings[this.document.nodes.label[e]]??""}title(e){let t=this.label(e);return t||(this.kind[e]===ee?String(this.value[e]).replace("-","−"):`v${e}`)}source(e){let t=this.document.nodes.source[e];return t<0?"":this.document.strings[t]}frozen(e){return this.stuck[e]===1}setValue(e,t){this.setValues([[e,t]])}setValues(e){for(let[t,s]of e){if(this.kind[t]!==de)throw new TypeError(`node ${this.title(t)} is computed: move a leaf`);this.value[t]=s}this.update()}reset(){this.value.set(this.original),this.update()}update(){this._moved=null,this.forward(this.value),this.slopes(this.value,this.slope),this.backward(this.slope,this.grad),this._age()}load(e,t={}){this.value.set(e);for(let[s,r]of Object.entries(t))this.slope[s]=Y(r);this.update(),this.original.set(this.value),this._moved=null,this.stale.fill(0)}get moved(){return this._moved??=this.value.some((e,t)=>this.kind[t]===de&&!Object.is(e,this.original[t])),this._moved}_age(){if(!this.stuck.includes(1))return;let e=new Uint8Array(this.n);for(let t=0;t<this.n;t++){this.stale[t]=0,this.kind[t]===de&&(e[t]=Object.is(this.value[t],this.original[t])?0:1);for(let s=this.start[t];s<this.start[t+1];s++)e[this.args[s]]&&(e[t]=1),this.stale[this.args[s]]&&(this.stale[t]=1);this.stuck[t]&&e[t]&&(this.stale[t]=1)}}forward(e,t=null){for(let s of this.computed)t?.has(s)?e[s]=t.get(s):this.stuck[s]||(e[s]=this.apply(s,e));return e}apply(e,t){let s=this.functions[this.op[e]],r=this.start[e],o=this.start[e+1]-r;return o===1?s(t[this.args[r]]):o===2?s(t[this.args[r]],t[this.args[r+1]]):s(...this.operands(e).map(i=>t[i]))}slopes(e,t){for(let s=0;s<this.edges;s++){let r=this.rule[s];if(r<0)continue;let o=this.owner[s];t[s]=this.rules[r](e,o,this.args,this.start[o])}return t}backward(e,t){t.fill(0),t[this.root]=1;for(let s of this.back)this.send(s,e,t);return t}send(e,t,s,r=null,o=!1){for(let i=this.start[e];i<this.start[e+1];i++){let a=this.args[i];if(this.kind[a]===ee||!this.sends(e,t[i]))continue;let l=s[e]*t[i];s[a]=o?l:s[a]+l,r&&r[a]++}}sends(e,t){return!(t===0&&this.selects[this.op[e]])}at(e){let t=new Uint8Array(this.n),s=new Float64Array(this.n),r=new Int32Array(this.n);for(let o=0;o<this.n;o++)this.kind[o]!==Pe&&(t[o]=1);for(let o=0;o<Math.min(e,this.seedAt);o++)t[this.steps[o].node]=1;if(e>this.seedAt){s[this.root]=1,r[this.root]=1;for(let o=this.seedAt+1;o<e;o++)this.send(this.steps[o].node,this.slope,s,r)}return{t:e,known:t,grads:s,seen:r,last:e>0?this.steps[e-1]:null}}change(e){if(e<=0)return null;let{phase:t,node:s}=this.steps[e-1],r={phase:t,node:s,value:this.value[s],operands:[]},o=t==="backward"?this.at(e-1).grads:null;if(o&&(r.grad=o[s]),t==="seed")return{...r,grad:1};let i=o?.slice();for(let a=this.start[s];a<this.start[s+1];a++){let l=this.args[a],c={id:l,edge:a,value:this.value[l],slope:this.slope[a],constant:this.kind[l]===ee};i&&(c.sent=!c.constant&&this.sends(s,c.slope),c.before=i[l],c.amount=c.sent?i[s]*c.slope:0,i[l]+=c.amount,c.after=i[l]),r.operands.push(c)}return r}contributions(e){return this.users(e).filter(({node:t})=>this.below[t]).map(({node:t,edge:s})=>{let r=this.kind[e]!==ee&&this.sends(t,this.slope[s]),o=r?this.grad[t]*this.slope[s]:0;return{edge:s,node:t,slope:this.slope[s],upstream:this.grad[t],amount:o,sent:r}}).sort((t,s)=>s.node-t.node||t.edge-s.edge)}stepOf(e,t="backward"){return this.kind[e]===Pe?(this._place??=new Map(this.computed.map((r,o)=>[r,o+1])),this._sent??=new Map(this.back.map((r,o)=>[r,this.seedAt+o+2])),t==="backward"&&this._sent.get(e)||this._place.get(e)):t==="forward"?0:this.users(e).map(({node:r})=>this.stepOf(r)).reduce((r,o)=>Math.max(r,o),this.seedAt+1)}findBreak(e,{nonfinite:t=!1,bound:s=null,second:r=!1}){let o=this.at(Math.max(e,this.seedAt)),i=(a,l)=>{let c=o.grads[l];return t&&!Number.isFinite(c)?{t:a,node:l,why:Number.isNaN(c)?"nan":"infinite"}:s!==null&&Math.abs(c)>s?{t:a,node:l,why:"bound"}:r&&o.seen[l]===2?{t:a,node:l,why:"second"}:null};for(let a=Math.max(e,this.seedAt);a<this.steps.length;a++){let{phase:l,node:c}=this.steps[a];if(l==="seed"){o.grads[c]=1,o.seen[c]=1;let d=i(a+1,c);if(d)return d;continue}let h=this.operands(c).map(d=>o.seen[d]);this.send(c,this.slope,o.grads,o.seen);for(let[d,p]of this.operands(c).entries()){if(o.seen[p]===h[d])continue;let f=r&&h[d]<2&&o.seen[p]>=2,m=i(a+1,p)??(f?{t:a+1,node:p,why:"second"}:null);if(m)return m}}return null}rootWith(e,t){if(e===this.root)return t;let s=this._scratch??=new Float64Array(this.n),r=this._dirty??=new Uint8Array(this.n);r.fill(0),s.set(this.value),s[e]=t,r[e]=1;for(let o=e+1;o<this.n;o++)if(!(this.kind[o]!==Pe||!this.passes[this.op[o]])){for(let i=this.start[o];i<this.start[o+1];i++)if(r[this.args[i]]){r[o]=1;break}if(r[o]){if(this.stuck[o])return NaN;s[o]=this.apply(o,s)}}return s[this.root]}difference(e){let t=$r*Math.max(1,Math.abs(this.value[e])),s=this.value[e]+t,r=this.value[e]-t;return(this.rootWith(e,s)-this.rootWith(e,r))/(s-r)}agrees(e,t=this.grad[e]){let s=this.value[e],r=this.value[this.root];if(this.kind[e]===ee||!Number.isFinite(s)||!Number.isFinite(r)||this.stale[this.root])return null;let o=$r*Math.max(1,Math.abs(s)),i=this.rootWith(e,s+o),a=this.rootWith(e,s-o),l=(i-a)/(s+o-(s-o));if(!Number.isFinite(l))return null;if(!Number.isFinite(t))return!1;let c=Math.max(1,Math.abs(l),Math.abs(t)),h=8*Fn*Math.max(Math.abs(i),Math.abs(a))/o,d=Math.abs(i-2*r+a)/o;return Math.abs(t-l)<=100*$a*c+h?!0:Math.abs(t-l)<=d?null:!1}nudge(e,t){let s=this.rootWith(e,this.value[e]+t);return{predicted:this.grad[e]*t,actual:s-this.value[this.root],after:s}}paths(e,t=200){let s=new Array(this.n).fill(0n);s[this.root]=1n;for(let a of this.back)if(s[a]!==0n)for(let l=this.start[a];l<this.start[a+1];l++)this.sends(a,this.slope[l])&&(s[this.args[l]]+=s[a]);let r=s[e];if(r>BigInt(t))return{count:r,paths:null,sum:this.grad[e]};let o=[],i=r?[{node:e,edge:-1,before:null,product:1}]:[];for(;i.length;){let a=i.pop();if(a.node===this.root){o.push(Ea(a));continue}for(let l of this.users(a.node).reverse())s[l.node]===0n||!this.sends(l.node,this.slope[l.edge])||i.push({...l,before:a,product:a.product*this.slope[l.edge]})}return{count:r,paths:o,sum:o.reduce((a,l)=>a+l.product,0)}}};function Ea(n){let e=[],t=[];for(let s=n;s!==null;s=s.before)e.push(s.node),s.before!==null&&t.push(s.edge);return{nodes:e.reverse(),edges:t.reverse(),product:n.product}}function Sr({arity:n,constants:e,code:t,out:s}){let r=n+1;if(s>=r&&s<r+e.length){let c=Y(e[s-r]);return()=>c}if(s<r&&s>0)return(c,h,d,p)=>c[d[p+s-1]];if(s===0)return(c,h)=>c[h];let o=r+e.length+t.length,i=new Float64Array(o);e.forEach((c,h)=>i[r+h]=Y(c));let a=r+e.length,l=t.map(([c,...h])=>({f:Rn[c],refs:h}));return(c,h,d,p)=>{i[0]=c[h];for(let f=0;f<n;f++)i[f+1]=c[d[p+f]];for(let f=0;f<l.length;f++){let{f:m,refs:b}=l[f];i[a+f]=b.length===1?m(i[b[0]]):b.length===2?m(i[b[0]],i[b[1]]):m(i[b[0]],i[b[1]],i[b[2]])}return i[s]}}function Ta(n){let e=Sr(n);return(...t)=>e(t,0,[...t.keys()],0)}function me(n,e){return Object.is(n,e)||n===e||Math.abs(n-e)<=Sa*Math.max(Math.abs(n),Math.abs(e))}var Er=20,Dn=[{name:"overwrite",wrong:"self.grad = out.grad * local",right:"self.grad += out.grad * local",where:n=>Na(n)?!0:null,run(n){let e=new Float64Array(n.n);e[n.root]=1;for(let t of n.back)n.send(t,n.slope,e,null,!0);return{grad:e,right:n.grad}}},{name:"order",wrong:`for node in breadth_first(root):
    node._backward()`,right:`for node in reversed(topological(root)):
    node._backward()`,where(n){let{grad:e}=this.run(n);return e.every((t,s)=>me(t,n.grad[s]))?null:!0},run(n){let e=new Float64Array(n.n);e[n.root]=1;for(let t of Oa(n))n.send(t,n.slope,e);return{grad:e,right:n.grad}}},{name:"stale",wrong:"root.grad = 1.0  # and nothing else",right:`for node in inner: node.grad = 0.0
root.grad = 1.0`,where:n=>n.computed.length>1?!0:null,run(n){let e=n.grad.slice();e[n.root]=1;for(let t of n.back)n.send(t,n.slope,e);return{grad:e,right:n.grad.map((t,s)=>n.kind[s]===de?2*t:t),calls:2}}},{name:"zero_grad",wrong:`loss.backward()
step()`,right:`zero_grad()
loss.backward()
step()`,where:n=>n.kind.includes(de)?!0:null,run:n=>({grad:n.grad.map((e,t)=>n.kind[t]===de?2*e:e),right:n.grad})},{name:"detached",wrong:"h = Scalar(h.data)",right:"h = h",where:n=>qa(n),fits:(n,e)=>n.kind[e]===Pe&&e!==n.root&&n.grad[e]!==0,run(n,e){let t=n.slope.slice();for(let{edge:s}of n.users(e))t[s]=0;return{grad:n.backward(t,new Float64Array(n.n)),right:n.grad,slope:t,first:e}}},{name:"dead_relu",wrong:"relu(−|x| − 1)",right:"relu(x)",where(n){return Wn(n,e=>this.fits(n,e))},fits:(n,e)=>Tr(n,e,"relu")&&n.value[n.operands(e)[0]]>0,run:(n,e)=>Nr(n,e,t=>-Math.abs(t)-1)},{name:"saturated_tanh",wrong:"tanh(x + 20)",right:"tanh(x)",where(n){return Wn(n,e=>this.fits(n,e))},fits:(n,e)=>Tr(n,e,"tanh"),run:(n,e)=>Nr(n,e,t=>t<0?t-Er:t+Er)}];function qr(n){return Dn.map(e=>({name:e.name,title:u(`bug.${e.name}.title`),text:u(`bug.${e.name}.text`),wrong:e.wrong,right:e.right,possible:e.where(n)!==null,why:u(`bug.${e.name}.why`)}))}function Or(n,e,t={}){let s=Dn.find(c=>c.name===e);if(!s)throw new RangeError(`no mistake is called ${e}: choose from ${Dn.map(c=>c.name).join(", ")}`);let r=t.node??null,o=r!==null&&s.fits?.(n,r)?r:s.where(n);if(o===null)throw new RangeError(`${u(`bug.${e}.title`)}: ${u(`bug.${e}.why`)}`);let i=o===!0?null:o,a={value:n.value,first:null,...s.run(n,i)},l=a.first;if(l===null||me(a.grad[l],a.right[l])){l=null;for(let c=n.n-1;c>=0&&l===null;c--)n.kind[c]!==ee&&!me(a.grad[c],a.right[c])&&(l=c)}return{...a,name:e,node:i,first:l}}function Wn(n,e){return n.computed.find(e)??null}function Na(n){for(let e=n.n-1;e>=0;e--)if(n.kind[e]!==ee&&n.contributions(e).filter(({amount:t})=>t!==0).length>1)return!0;return!1}function qa(n){let e=s=>s!==n.root&&n.grad[s]!==0,t=s=>n.operands(s).some(r=>n.kind[r]===de&&n.grad[r]!==0);return Wn(n,s=>e(s)&&t(s))}function Oa(n){let e=new Uint8Array(n.n),t=[n.root];e[n.root]=1;for(let s=0;s<t.length;s++)for(let r of n.operands(t[s]))e[r]||(e[r]=1,t.push(r));return t.filter(s=>n.kind[s]===Pe)}function Tr(n,e,t){return n.operation(e)?.name===t&&n.kind[n.operands(e)[0]]!==ee}function Nr(n,e,t){let[s]=n.operands(e),r=n.value.slice();r[s]=t(r[s]),r[e]=n.apply(e,r);let o=n.forward(n.value.slice(),new Map([[e,r[e]]])),i=n.slopes(o,n.slope.slice()),a=n.start[e];return i[a]=n.slopes(r,n.slope.slice())[a],{value:o,slope:i,grad:n.backward(i,new Float64Array(n.n)),right:n.grad,first:s}}var jr=[.5,1,2,4,8,16,64],Yt=class{constructor(e){this.whole=e,this.run=e.run??null,this.quiz=e.quiz??null,this.sealed=e.exercise?.check===!1,this.solved=new Set,this.listeners=new Map,this.speed=2,this.playing=!1,this.breakpoints={nonfinite:!0,bound:null,second:!1},this.frame=null,this.compare=null,this.selected=e.selected??null,this._load(e),this.run?.steps.length&&this._show(this.run.steps.length-1)}_load(e){this.document=e,this.engine=new st(e),this.bug=null,this.mistake=null,this.recorded=null,this.total=this.engine.steps.length,this.t=this.total,this._state=null,this.blanks=new Set(this.quiz?.blanks??[])}on(e,t){return this.listeners.has(e)||this.listeners.set(e,new Set),this.listeners.get(e).add(t),()=>this.listeners.get(e).delete(t)}emit(e,t=null){for(let s of[e,"*"])for(let r of[...this.listeners.get(s)??[]])r(t,e)}get shown(){return this._state??=this.engine.at(this.t),this._state}get complete(){return this.t===this.total}value(e){return this.shown.known[e]?this.mistake?this.mistake.value[e]:this.recorded?this.recorded.value[e]:this.engine.value[e]:null}grad(e){return this.engine.kind[e]===ee||this.hidden(e)||!this.engine.below[e]?null:this.mistake?this.mistake.grad[e]:this.undetermined(e)?null:this.complete?this.recorded?this.recorded.grad[e]:this.engine.grad[e]:this.shown.seen[e]?this.shown.grads[e]:null}slope(e){return this.conceals(e)?null:(this.mistake?.slope??this.engine.slope)[e]}get changes(){let e=(this.run?this.run.steps[this.frame]?.changes:this.document.changes)??null;return e===null||this.mistake||this.engine.moved?null:e}get story(){return(this.changes?.text??[]).map(we)}note(e){return we(this.changes?.notes[e]??"")}python(e){let{engine:t}=this,s=t.python[e];return t.roots.length>1||this.run||this.quiz||this.document.judged||t.kind[e]===ee||Number.isNaN(s)||t.moved||t.kind[e]===de&&Number.isNaN(t.python[t.root])||me(s,t.grad[e])||Math.abs(s-t.grad[e])<=1e-9*Math.abs(s)?null:s}verdict(e){let{judged:t}=this.document;return!t?.marks||this.quiz||this.mistake||this.engine.kind[e]===ee||this.engine.moved?null:{mark:t.marks[e],reason:we(t.reasons[e]??"")}}hidden(e){return this.sealed?this.engine.kind[e]!==ee&&e!==this.engine.root:this.blanks.has(e)&&!this.solved.has(e)}undetermined(e){return this.document.unknown===!0&&Number.isNaN(this.engine.grad[e])}veils(e){return this.hidden(e)||this.undetermined(e)}conceals(e){if(this.sealed||this.document.unknown&&Number.isNaN(this.engine.slope[e]))return!0;if(this.whole.exercise?.hide!=="local")return!1;let t=this.engine.args[e];return this.blanks.has(t)?this.hidden(t):[...this.blanks].some(s=>this.hidden(s))}agrees(e){let t=this.mistake||this.complete?this.grad(e):null;if(t===null)return null;let s=this.verdict(e);return s?s.mark===0?null:s.mark===1:this.mistake&&this.mistake.name!=="dead_relu"&&this.mistake.name!=="saturated_tanh"?me(t,this.mistake.right[e])?this.engine.agrees(e):!1:this.mistake?me(t,this.mistake.right[e])?null:!1:this.engine.agrees(e,t)}go(e){let t=Math.max(0,Math.min(this.total,Math.round(e)));Number.isNaN(t)||t===this.t||(this._clearBug(),this.t=t,this._state=null,this.emit("step",this.shown.last))}next(){this.go(this.t+1)}back(){this.go(this.t-1)}first(){this.go(0)}last(){this.go(this.total)}jump(e,t="backward"){this.go(this.engine.stepOf(e,t)),this.select(e)}play(){this.playing||(this.t>=this.total&&this.go(0),this.playing=!0,this.emit("play",!0),this._tick())}_tick(){let e=Math.max(1,Math.round(this.speed/30));this._timer=setTimeout(()=>{this.playing&&(this.go(this.t+e),this.t>=this.total?this.pause():this._tick())},1e3*e/this.speed)}pause(){this.playing&&(clearTimeout(this._timer),this.playing=!1,this.emit("play",!1))}toggle(){this.playing?this.pause():this.play()}setSpeed(e){this.speed=e,this.emit("play",this.playing)}runToBreak(){this.pause(),this._clearBug();let e=this.t>=this.total?0:this.t,t=this.engine.findBreak(e,this.breakpoints);return t?(this.go(t.t),this.select(t.node)):this.last(),this.emit("break",t),t}select(e){e!==this.selected&&(this.selected=e,this.emit("select",e))}setValue(e,t,s=!1){this.setValues([[e,t]],s)}setValues(e,t=!1){e.length&&(this._clearBug(),this.recorded=null,this.engine.setValues(e),this._state=null,this.emit("values",{leaves:e.map(([s])=>s),quiet:t}))}nudge(e,t){let s=this.engine.nudge(e,t);return this.setValue(e,this.engine.value[e]+t),s}descend(e,t){let s=this.engine.value[this.engine.root],{value:r,grad:o}=this.engine;return this.setValues(e.filter(i=>!this.sealed||Number.isFinite(o[i])).map(i=>[i,r[i]-t*o[i]])),{before:s,after:this.engine.value[this.engine.root]}}reset(){let{engine:e}=this;if(this.frame!==null){this._show(this.frame),this.emit("frame",this.frame);return}let t=[];for(let s=0;s<e.n;s++)e.kind[s]===de&&t.push([s,e.original[s]]);this.setValues(t)}setBug(e,t={}){return this.pause(),this.mistake=e===null?null:Or(this.engine,e,{node:this.selected,...t}),this.bug=e,e!==null&&!this.complete&&(this.t=this.total,this._state=null),this.emit("bug",this.mistake),this.mistake}bugs(){return qr(this.engine)}_clearBug(){this.mistake&&(this.mistake=null,this.bug=null,this.emit("bug",null))}setFrame(e){!this.run||e===this.frame&&this.recorded||(this.pause(),this._show(e),this.emit("frame",e))}setCompare(e){this.compare=e,this.emit("frame",this.frame)}_show(e){let t=this.run.steps[e];this.frame=e;let s=t.document??this.whole;if(s!==this.document){let r=this.selected===null?"":this.engine.label(this.selected);this._load(s),this.selected=this._labelled(r),this._take(t),this.emit("document",s);return}this._clearBug(),this._take(t),this.t=this.total,this._state=null}_take(e){let t=e.document?.nodes??e;e.decoded??={value:Float64Array.from(t.value,Y),grad:Float64Array.from(t.grad,Y)},this.engine.load(e.decoded.value,e.slopes),this.recorded=e.changes?.mixed?null:e.decoded}_labelled(e){let t=null;for(let s=0;e&&s<this.engine.n;s++)if(this.engine.label(s)===e){if(t!==null)return null;t=s}return t}recording(e){let t=this.run.steps[e];return t.document?null:(t.decoded??={value:Float64Array.from(t.value,Y),grad:Float64Array.from(t.grad,Y)},t.decoded)}series(e){let t=this.run.steps.map((s,r)=>this.recording(r));return{value:t.map(s=>s?.value[e]??NaN),grad:t.map(s=>s?.grad[e]??NaN)}}solve(e){this.solved.add(e),this.emit("quiz",e)}};var ja=20,Z=200;function K(n,e,t=n.session.engine.title(e)){return q(t,()=>n.show(e),{class:t.length>ja?"ui-link":"ui-link ui-whole"})}function Jt(n){return n?g("span",{class:"ui-place"},n):null}function H(n){return g("h3",{},n)}function P(n,e=null){return g("p",{class:e},n)}function J(n,e=""){let[t,...s]=n.split(" = "),r=s.flatMap(o=>[" ",g("span",{},"= ",Ge(o))]);return g("p",{class:`ui-maths ${e}`.trim()},g("span",{},Ge(t)),r)}function Ge(n){return qs(n).map(e=>{if(typeof e=="string")return e;let[t,s]=e.map(r=>g("span",{},r));return g("span",{class:"ui-fraction"},t,g("span",{class:"ui-over"},"/"),s)})}function Qt(n){let e=n.filter(([,t])=>t!==null&&t!=="");return g("dl",{class:"ui-facts"},e.flatMap(([t,s])=>[g("dt",{},t),g("dd",{},s)]))}function Un(n){let e=t=>{delete t.target.dataset.written,n()};return{input:t=>t.target.dataset.written="",change:e,keydown:t=>t.key==="Enter"&&"written"in t.target.dataset&&e(t),blur:t=>delete t.target.dataset.written}}function Kn(n){return"written"in n.dataset}function xt(n,e,t,s={}){let r=g("input",{type:"number",step:"any",value:e,...s,on:Un(()=>t(r.valueAsNumber))});return{input:r,element:g("label",{class:"ui-field"},g("span",{},n),r)}}function $e(n,e,t){let s=g("input",{type:"checkbox",checked:e,on:{change:()=>t(s.checked)}});return{input:s,element:g("label",{class:"ui-check"},s,g("span",{},n))}}function rt(...n){let e=n.map(t=>g("th",{scope:"col"},t));return g("thead",{},g("tr",{},e))}function Se(n,e=y(n)){return g("td",{class:"ui-number",title:typeof n=="number"?String(n):null},e)}var{compare:Lr}=new Intl.Collator("en",{numeric:!0});function kt(n){let e=[];for(let t=0;t<n.n;t++)n.kind[t]===1&&e.push([ue(n,t),n.title(t),t]);return e.sort((t,s)=>Lr(t[0],s[0])||Lr(t[1],s[1])||t[2]-s[2]).map(([,,t])=>t)}function en(n){return[...n].every(e=>e==="step"||e==="play"||e==="break")}var Hn={first:"M2 2h2v12H2zM14 2v12L5 8z",back:"M12 2v12L4 8z",play:"M4 2l9 6-9 6z",pause:"M3 2h4v12H3zM9 2h4v12H9z",next:"M4 2l8 6-8 6z",last:"M12 2h2v12h-2zM2 2l9 6-9 6z"};function La(n,e,t){return e===null?u("break.none"):u(`break.${e.why}`,{node:W(n,e.node),t:e.t,bound:t})}function Ir(n){let{session:e}=n,t=100,s=(j,D,$)=>q(un(Hn[j]),$,{class:"ui-icon","aria-label":D,title:D}),r=s("first",u("bar.first"),()=>e.first()),o=s("back",u("bar.back"),()=>e.back()),i=s("play",u("bar.play"),()=>e.toggle()),a=s("next",u("bar.next"),()=>e.next()),l=s("last",u("bar.last"),()=>e.last()),c=g("input",{type:"range",class:"ui-steps",min:0,step:1,"aria-label":u("bar.step"),on:{input:()=>e.go(c.valueAsNumber)}}),h=g("select",{on:{change:()=>e.setSpeed(Number(h.value))}},jr.map(j=>g("option",{value:j},u("bar.rate",{n:j})))),d=g("p",{class:"ui-where"}),p=g("p",{class:"ui-begin"},u("bar.begin")),f=q("",()=>n.jump(),{class:"ui-jump"}),{breakpoints:m}=e,b=xt(u("bar.bound"),t,j=>{j>=0&&(t=j,w.input.checked&&(m.bound=t))},{min:0,"aria-label":u("bar.bound_label")}),w=$e(u("bar.over"),m.bound!==null,j=>m.bound=j?t:null),v=$e(u("bar.nonfinite"),m.nonfinite,j=>m.nonfinite=j),x=$e(u("bar.second"),m.second,j=>m.second=j),z=g("p",{class:"ui-said",role:"status"}),A=g("fieldset",{class:"ui-row ui-breaks"},g("legend",{},u("bar.stop_where")),v.element,g("span",{class:"ui-check"},w.element,b.input),x.element,q(u("bar.run"),()=>e.runToBreak(),{title:u("bar.run_key")}),z),L=g("section",{class:"ui-bar","aria-label":u("bar.stepping")},g("div",{class:"ui-row"},g("div",{class:"ui-buttons"},r,o,i,a,l),c,g("label",{class:"ui-field"},g("span",{},u("bar.speed")),h),f),g("div",{class:"ui-row"},d,p),g("details",{class:"ui-stops"},g("summary",{},u("bar.breakpoints")),A));function G(){let{total:j,playing:D}=e;S(c,"max",j),c.value=e.t,S(c,"aria-valuetext",Qe(e)),N(d,Qe(e)),p.hidden=e.t>0,r.disabled=o.disabled=e.t===0,a.disabled=l.disabled=e.t===j;let $=D?u("bar.pause"):u("bar.play");i.getAttribute("aria-label")!==$&&(S(i,"aria-label",$),S(i,"title",$),B(i,un(D?Hn.pause:Hn.play))),Number(h.value)!==e.speed&&(h.value=e.speed);let{selected:k,engine:T}=e;N(f,k===null?u("bar.jump"):u("bar.jump_to",{name:ie(T.title(k),18)}))}function C(j){L.querySelector("details").open=!0,N(z,La(e.engine,j,m.bound))}return{element:L,update:G,stopped:C}}function Ia(n,{grad:e,right:t}){let s=0;for(let r=0;r<n.n;r++)n.kind[r]!==2&&!me(e[r],t[r])&&s++;return s}function Vn(n){let{session:e}=n,t=new Map,s=g("ul",{class:"ui-bugs"}),r=g("div",{},P(u("bugs.intro")),s);function o(){t=new Map(e.bugs().map(d=>[d.name,i(d)])),B(s,[...t.values()].map(d=>d.element))}function i(d){let p=g("span",{class:"ui-knob","aria-hidden":"true"}),f=g("button",{type:"button",role:"switch","aria-checked":"false",class:"ui-switch",disabled:!d.possible,on:{click:()=>a(d.name)}},p,g("span",{},d.title)),m=g("div",{role:"status"});return{element:g("li",{},f,m,g("p",{},d.text),d.possible?null:P(u("bugs.not_here",{why:d.why}),"ui-note"),g("div",{class:"ui-codes"},l("wrong",d.wrong),l("right",d.right))),knob:f,result:m}}function a(d){let p=e.setBug(e.bug===d?null:d);p&&p.first!==null&&n.show(p.first)}function l(d,p){return g("div",{class:`ui-${d}`},g("span",{},u(`bugs.${d}`)),g("pre",{},g("code",{},p)))}function c(d){(d.has("values")||d.has("frame"))&&o();for(let[p,{element:f,knob:m,result:b}]of t){let w=e.bug===p;S(m,"aria-checked",String(w)),S(f,"data-on",w),w?B(b,...h(e.mistake)):b.firstChild&&N(b,"")}}function h(d){let{engine:p}=e,{first:f}=d,m=Ia(p,d);if(f===null||m===0)return[P(u("bugs.nothing"))];let b=e.hidden(f);return[Qt([[u("bugs.first"),K(n,f)],[u("bugs.its_gradient"),b?"?":y(d.grad[f])],[u("bugs.right_would_be"),b?"?":y(d.right[f])],[u("bugs.its_value"),d.value[f]===p.value[f]?null:u("bugs.instead_of",{value:y(d.value[f]),right:y(p.value[f])})],[u("bugs.made_at"),d.node===null||d.node===f?null:K(n,d.node)],[u("bugs.wrong_gradients"),u("bugs.count",{count:m,all:p.kind.filter(w=>w!==2).length})]])]}return{name:"bugs",title:u("panel.bugs"),element:r,update:c,rebuild:o}}var Br=12,Ba={"\\":"\\textbackslash{}","{":"\\{","}":"\\}",$:"\\$","&":"\\&","#":"\\#","%":"\\%",_:"\\_","^":"\\textasciicircum{}","~":"\\textasciitilde{}","<":"\\textless{}",">":"\\textgreater{}","|":"\\textbar{}",'"':"\\textquotedbl{}","−":"-"};function Gr(n){return n.replace(/[\u0000-\u001f\u007f]/g," ").replace(/[\\{}$&#%_^~<>|"−]/g,t=>Ba[t])}function yt(n){let e=n.match(/^([A-Za-z])(?:_?(\d+))?$/);if(e)return e[2]?`${e[1]}_{${e[2]}}`:e[1];if(/^(?:[A-Za-z]\d+){2,}$/.test(n))return n.replace(/([A-Za-z])(\d+)/g,"$1_{$2}");let t=n.match(/^([A-Za-z]{2,})(?:_?(\d+))?$/);return t?t[2]?`\\mathit{${t[1]}}_{${t[2]}}`:`\\mathit{${t[1]}}`:/^−?[\d.]+$/.test(n)?n.replace("−","-"):`\\text{${Gr(n)}}`}function ye(n){let e=y(n).replaceAll("−","-");if(e==="NaN")return"\\mathrm{NaN}";if(e==="–")return"?";let[t,s]=e.replace("∞","\\infty").split("e");return s===void 0?t:`${t} \\times 10^{${s}}`}function Xn(n){let e=ye(n);return e.startsWith("-")?`\\left(${e}\\right)`:e}function Ee(n,e,t=n.root){return`\\frac{\\partial ${yt(n.title(t))}}{\\partial ${yt(n.title(e))}}`}function Cr(n,e){return n.replace(/\{\{|\}\}|\{(\d+)\}/g,(t,s)=>s===void 0?t[0]:e[s])}function Rr(n,e){let{engine:t}=n,{latex:s,unknown:r}=t.operation(e);if(r)return`${yt(t.title(e))} = \\text{${Gr(Ze(t,e))}} = ${ye(n.value(e))}`;let o=t.operands(e),i=Cr(s,o.map(l=>yt(t.title(l)))),a=Cr(s,o.map(l=>Xn(n.value(l))));return`${yt(t.title(e))} = ${i} = ${a} = ${ye(n.value(e))}`}function Ca(n,{node:e,id:t,edge:s,slope:r,upstream:o,amount:i}){let{engine:a}=n,l=n.veils(e)?"?":ye(o),c=n.veils(t)?"?":ye(i);return`${`${Ee(a,e)} \\cdot ${Ee(a,t,e)}`} = ${l} \\cdot ${n.conceals(s)?"?":Xn(r)} = ${c}`}function Fr(n,e,t,s){let{engine:r}=n,o=Ee(r,e);if(t.length===1)return`${o} = ${Ca(n,{...t[0],id:e})}`;let i=Pr(t,({node:l})=>`${Ee(r,l)} \\cdot ${Ee(r,e,l)}`);if(n.veils(e))return`${o} = ${i} = \\text{?}`;let a=Pr(t,({amount:l},c)=>c?Xn(l):ye(l));return`${o} = ${i} = ${a} = ${ye(s)}`}function Pr(n,e){let t=n.slice(0,Br).map(e);return n.length>Br&&t.push("\\cdots"),t.join(" + ")}function Dr(n){return n.length===1?n[0]:`\\begin{aligned}
${n.map(t=>`  ${t.replace(" = "," &= ")}`).join(` \\\\
`)}
\\end{aligned}`}var Te=40;function Wr(n){let e=n.engine.change(n.t);return e?.phase!=="backward"?[]:[...new Set(e.operands.filter(({sent:s})=>s).map(({id:s})=>s))].slice(0,Te).map(s=>{let r=Me(n.engine,s);return{id:s,shares:js(n.engine,r,n.t),all:r.length,sum:n.shown.grads[s]}})}function tn(n,e=Wr(n)){let{engine:t}=n,s=n.shown.last;if(!s)return"";if(s.phase==="forward")return Rr(n,s.node);if(s.phase==="seed")return`${Ee(t,s.node)} = 1`;let r=e.map(({id:o,shares:i,sum:a})=>Fr(n,o,i,a));return r.length?Dr(r):`${Ee(t,s.node)} = ${n.veils(s.node)?"?":ye(n.grad(s.node))}`}function Ur(n){let{session:e}=n,t=g("div"),s=g("textarea",{readonly:!0,rows:4,"aria-label":u("step.latex")}),r=g("span",{role:"status"}),o=g("div",{class:"ui-latex"},q(u("step.copy"),async()=>{s.value=tn(e),r.textContent=await $t(s)?u("step.copied"):u("step.select")}),r,s),i=g("div",{},t,o);function a(){let{engine:m}=e,b=m.change(e.t);r.textContent="";let w=Wr(e);s.value=tn(e,w),o.hidden=!b;let v=e.mistake?P(u("step.mistake"),"ui-note"):null;if(!b){B(t,H(Qe(e)),P(u("step.start")));return}let x={forward:l,seed:h,backward:d}[b.phase];B(t,H(Qe(e)),v,x(m,b,w))}function l(m,{node:b,operands:w}){return[J(Os(e,b),"ui-main"),H(u("step.locals")),c(m,w.slice(0,Te)),w.length>Te?P(u("step.more_operands",{n:w.length-Te})):null]}function c(m,b){let w=b.map(({id:v,edge:x,value:z,constant:A})=>g("tr",{},g("th",{scope:"row"},K(n,v)),Se(z),g("td",{class:"ui-maths"},A?u("step.constant"):Ge(Ie(e,x)))));return g("table",{class:"ui-small"},g("caption",{class:"ui-hidden"},u("step.operands")),rt(u("term.operand"),u("term.value"),u("term.local")),g("tbody",{},w))}function h(m,{node:b}){return[J(`${I(m,b)} = 1`,"ui-main"),P(u("step.seed"))]}function d(m,{node:b,operands:w},v){let x=`${I(m,b)} = ${ge(e,b,e.shown.grads[b])}`,z=new Map(v.map(A=>[A.id,A.all]));return[g("p",{},Ge(u("step.passes",{node:W(m,b),gradient:x}))),...w.slice(0,Te).flatMap(A=>p(m,b,A,z.get(A.id))),w.length>Te?P(u("step.more_operands",{n:w.length-Te})):null,...v.flatMap(A=>f(m,A)),H(u("step.locals")),c(m,w.slice(0,Te))]}function p(m,b,w,v){let{id:x,edge:z,slope:A,constant:L,sent:G,before:C,amount:j,after:D}=w;if(L)return[P(u("step.is_constant",{node:m.title(x)}))];if(!G)return[P(u("step.not_chosen",{node:m.title(x)}))];let $=I(m,x),k=v>1?u("share.of",{gradient:$}):$,T=Ye(e,{node:b,id:x,edge:z,slope:A,upstream:e.shown.grads[b],amount:j},k),E=[J(T,"ui-main")];return!e.veils(x)&&(C!==0||D!==j)&&E.push(J(`${I(m,x)}: ${y(C)} + ${pe(j)} = ${y(D)}`)),E}function f(m,{id:b,shares:w,all:v,sum:x}){if(v<2)return[];let z={gradient:I(m,b),n:w.length,all:v},A=v>w.length?u("step.shares_so_far",z):u("step.shares_all",z),L=Je(e,b,w,x);return[H(A),L===null?null:J(L)]}return{name:"step",title:u("panel.step"),element:i,update:a}}function Zn(n){return n.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu,"-").replace(/^-+|-+$/g,"").slice(0,40)}function Pa(n,e){return u("export.file",{stem:Zn(n)||u("export.graph"),step:e})}function Kr(n){let{session:e}=n,t=g("span",{role:"status"}),s=()=>Pa(e.whole.title??"",e.t),r=(a,l)=>q(a,async()=>{try{await l(),N(t,""),i()}catch(c){N(t,u("export.impossible",{error:c.message}))}}),o=g("details",{class:"ui-menu",on:{focusout:a=>a.relatedTarget&&!o.contains(a.relatedTarget)&&i()}},g("summary",{},u("export.menu")),g("div",{class:"ui-items"},r(u("export.svg"),()=>We(`${s()}.svg`,ft(n.graph),"image/svg+xml")),r(u("export.png"),async()=>We(`${s()}.png`,await Gs(n.graph),"image/png")),r(u("export.tex"),()=>We(`${s()}.tex`,`${tn(e)}
`,"application/x-tex")),t));function i(){if(!o.open)return!1;let a=o.contains(n.focused());return o.open=!1,a&&o.querySelector("summary").focus(),!0}return{element:o,close:i}}var Ga=60;function Ra(n,e,t=Ga){let s=e.trim().toLowerCase();if(!s)return{found:[],more:0};let r=[[],[],[],[],[]];for(let i=0;i<n.n;i++){let a=Fa(n,i,s);a!==null&&r[a[0]].push({id:i,why:a[1]})}let o=r.flat();return{found:o.slice(0,t),more:Math.max(0,o.length-t)}}function Fa(n,e,t){let s=n.title(e).toLowerCase();if(s===t)return[0,Q(n,e)];if(s.startsWith(t))return[1,Q(n,e)];let r=n.operation(e);if(r&&(r.name===t||r.symbol.toLowerCase()===t||Q(n,e)===t))return[2,Q(n,e)];if(s.includes(t))return[3,Q(n,e)];let o=n.source(e),i=n.document.lines?.[o]??"";return o&&(o.toLowerCase().includes(t)||i.toLowerCase().includes(t))?[4,i?`${o.split(/[\\/]/).at(-1)}  ${i}`:o]:r?.name.includes(t)?[4,r.name]:null}function Hr(n){let{session:e}=n,t=Oe("results"),s=[],r=0,o=-1,i=g("input",{type:"search",role:"combobox","aria-label":u("find.label"),"aria-expanded":"false","aria-controls":t,"aria-autocomplete":"list",autocomplete:"off",spellcheck:"false",placeholder:u("find.placeholder"),on:{input:()=>h(),keydown:w=>m(w),focus:()=>s.length&&d(!0)}}),a=g("ul",{id:t,role:"listbox","aria-label":u("find.found"),hidden:!0}),l=g("span",{class:"ui-hidden",role:"status"}),c=g("div",{class:"ui-find",role:"search",on:{focusout:w=>b(w)}},i,a,l);function h(){({found:s,more:r}=Ra(e.engine,i.value)),o=-1;let w=s.map(({id:A,why:L},G)=>g("li",{id:`${t}-${G}`,role:"option","aria-selected":"false",on:{pointerdown:C=>C.preventDefault(),click:()=>f(G)}},g("span",{class:"ui-name"},e.engine.title(A)),g("span",{class:"ui-why"},[ue(e.engine,A),L].filter(Boolean).join(" · ")))),v=i.value.trim(),x=s.length,z=r?u("find.more",{shown:x,more:r}):u("count.node",{n:x,count:x});v&&w.push(g("li",{role:"option","aria-disabled":"true","aria-selected":"false",class:"ui-count"},x?z:u("find.nothing"))),B(a,w),l.textContent=v?z:"",d(v!=="")}function d(w){a.hidden=!w,S(i,"aria-expanded",String(w)),w||S(i,"aria-activedescendant",null)}function p(w){o>=0&&S(a.children[o],"aria-selected","false"),o=w;let v=a.children[w];S(v,"aria-selected","true"),S(i,"aria-activedescendant",v.id),v.offsetTop<a.scrollTop&&(a.scrollTop=v.offsetTop);let x=v.offsetTop+v.offsetHeight-a.clientHeight;x>a.scrollTop&&(a.scrollTop=x)}function f(w){d(!0),p(w),n.show(s[w].id)}function m(w){let v=s.length;if(w.key==="Escape")d(!1),n.leave();else if(v)if(w.key==="Enter")f((o+(w.shiftKey?v-1:1)+(w.shiftKey&&o<0?1:0))%v);else if(w.key==="ArrowDown")p((o+1)%v);else if(w.key==="ArrowUp")p((o+v-1+(o<0?1:0))%v);else return;else return;a.hidden&&w.key!=="Escape"&&d(!0),w.preventDefault(),w.stopPropagation()}function b(w){c.contains(w.relatedTarget)||d(!1)}return{element:c,focus(){i.focus(),i.select()},rebuild(){s=[],B(a),d(!1)}}}var Yn=[{keys:["ArrowRight","n","N"],shown:()=>u("shown.next"),action:"next",text:()=>u("keys.next")},{keys:["ArrowLeft","p","P"],shown:()=>u("shown.back"),action:"back",text:()=>u("keys.back")},{keys:[" "],shown:()=>u("shown.toggle"),action:"toggle",text:()=>u("keys.toggle")},{keys:["Home","0"],shown:()=>u("shown.first"),action:"first",text:()=>u("keys.first")},{keys:["End","e","E"],shown:()=>u("shown.last"),action:"last",text:()=>u("keys.last")},{keys:["b","B"],shown:()=>"b",action:"break",text:()=>u("keys.break")},{keys:["j","J"],shown:()=>"j",action:"jump",text:()=>u("keys.jump")},{keys:["/"],shown:()=>"/",action:"find",text:()=>u("keys.find")},{keys:["t","T"],shown:()=>"t",action:"table",text:()=>u("keys.table")},{keys:["l","L"],shown:()=>"l",action:"leaves",text:()=>u("keys.leaves")},{keys:["g","G"],shown:()=>"g",action:"fit",text:()=>u("keys.fit")},{keys:["+","="],shown:()=>"+",action:"zoomIn",text:()=>u("keys.zoomIn")},{keys:["-","_"],shown:()=>"−",action:"zoomOut",text:()=>u("keys.zoomOut")},{keys:["1","2","3","4","5","6","7","8"],shown:()=>"1 … 8",action:"tab",text:()=>u("keys.tab")},{keys:["Escape"],shown:()=>u("shown.escape"),action:"escape",text:()=>u("keys.escape")},{keys:["?"],shown:()=>"?",action:"help",text:()=>u("keys.help")}],Da=new Set(["INPUT","SELECT","TEXTAREA"]),Wa=new Set(["range","checkbox","radio","button"]),Ua=new Set(["BUTTON","SUMMARY","A"]),Vr=new Set(["ArrowLeft","ArrowRight"]),Ka=new Set([...Vr,"Home","End"]);function Jn(n){return Wa.has(n?.type)?!1:Da.has(n?.tagName?.toUpperCase?.())||n?.isContentEditable===!0}function Xr({key:n,ctrlKey:e,metaKey:t,altKey:s,defaultPrevented:r},o){if(e||t||s||r||Jn(o))return null;let i=o?.tagName?.toUpperCase?.()??"";return(Ua.has(i)||o?.type==="checkbox")&&(n===" "||n==="Enter")||o?.type==="range"&&Ka.has(n)||o?.getAttribute?.("role")==="tab"&&Vr.has(n)?null:Yn.find(({keys:a})=>a.includes(n))?.action??null}function Zr(n){let e=Oe("help"),t=[[u("help.everywhere"),Yn],...n].filter(([,r])=>r.length),s=g("dialog",{class:"ui-help","aria-labelledby":e},g("h2",{id:e},u("help.title")),...t.flatMap(([r,o])=>[g("h3",{},r),g("dl",{class:"ui-keys"},o.flatMap(({shown:i,text:a})=>[g("dt",{},g("kbd",{},i())),g("dd",{},a())]))]),g("p",{},u("help.leaves")),q(u("help.close"),()=>s.close(),{class:"ui-primary"}));return s}function Ha({class:n,marks:e}){if(!e)return u("judged.no_gradients",{name:n});let t=e.filter(r=>r===1).length,s=e.filter(r=>r===-1).length;return u("judged.result",{name:n,right:y(t),all:y(t+s)})}function Yr(n){let{session:e}=n,t=g("div");function s(){let{judged:o}=e.document,i=Object.keys(o.reasons).map(Number).reverse(),a=i.filter(c=>o.marks[c]===-1),l=i.filter(c=>o.marks[c]===0);B(t,P(Ha(o),"ui-main"),e.engine.moved?P(u("judged.moved")):null,...o.mistakes.length?[H(u("judged.what"))]:[],...o.mistakes.map(c=>P(we(c))),...r("judged.wrong",a),...r("judged.open",l),...o.notes.map(c=>P(we(c),"ui-note")))}function r(o,i){if(!i.length)return[];let{judged:a}=e.document,l=h=>u("judged.reason",{reason:a.reasons[h]}),c=i.slice(0,Z).map(h=>g("li",{},K(n,h),l(h)));return[H(u(o,{n:i.length})),g("ul",{class:"ui-links"},c),i.length>Z?P(u("list.more",{n:i.length-Z})):null]}return{name:"judged",title:u("panel.judged"),element:t,update:s}}var Va=200;function Qn(n){if(!Number.isFinite(n))return{min:-1,max:1};let e=Math.max(1,2*Math.abs(n));return{min:n-e,max:n+e}}function Xa(n){let e=n/Va,t=10**Math.floor(Math.log10(e));return[1,2,5,10].find(s=>s*t>=e*.999)*t}function Jr(n,e,t){let s=t.trim().toLowerCase();return s?e.filter(r=>`${ue(n,r)} ${n.title(r)}`.toLowerCase().includes(s)):e}function Za(n,e,t,{predicted:s,actual:r}){let{engine:o}=n,i=W(o,o.root),a={name:W(o,e),h:pe(t)};if(Number.isNaN(r)&&o.stuck.includes(1))return u("leaves.nudge_own",a);let l={...a,root:i,gradient:I(o,e),actual:y(r,6)};if(n.hidden(e))return u("leaves.nudge_hidden",l);let[c,h,d]=[y(s/t),y(s,6),y(Math.abs(r-s),2)];return u("leaves.nudge",{...l,slope:c,guess:h,missed:d})}function Qr(n){let{session:e}=n,t=new Set,s=.001,r=.05,o=new Map,i=g("input",{type:"search",on:{input:()=>A()}}),a=xt(u("leaves.h"),s,$=>s=$),l=xt(u("leaves.rate"),r,$=>r=$,{min:0}),c=g("p",{class:"ui-said",role:"status"}),h=$e(u("leaves.all"),!1,$=>v($)),d=g("p",{class:"ui-note"}),p=g("tbody"),f=q(u("leaves.descent"),()=>x(1),{title:u("leaves.descent_title")}),m=q(u("leaves.ascent"),()=>x(-1),{title:u("leaves.ascent_title")}),b=g("table",{class:"ui-leaves"},g("caption",{class:"ui-hidden"},u("leaves.caption")),rt(u("term.leaf"),u("term.value"),u("term.gradient"),u("term.nudge")),p),w=g("div",{},g("div",{class:"ui-row"},g("label",{class:"ui-field"},g("span",{},u("leaves.filter")),i),a.element,q(u("leaves.reset"),()=>e.reset())),g("div",{class:"ui-row"},h.element,l.element,f,m),c,d,b);function v($){for(let k of Jr(e.engine,kt(e.engine),i.value))$?t.add(k):t.delete(k);for(let[k,T]of o)T.check.checked=t.has(k)}function x($){let{engine:k}=e;if(!t.size){N(c,u("leaves.choose"));return}if(!Number.isFinite(r))return;let{before:T,after:E}=e.descend([...t],$*r),F=W(k,k.root),R=E<T?u("leaves.down"):E>T?u("leaves.up"):u("leaves.same"),X={n:t.size,rate:y(r),root:F,before:y(T,6),after:y(E,6),way:R};N(c,$>0?u("leaves.descended",X):u("leaves.ascended",X))}function z($){if(!Number.isFinite(s)||s===0){N(c,u("leaves.bad_h"));return}N(c,Za(e,$,s,e.nudge($,s)))}function A(){let{engine:$}=e,k=Jr($,kt($),i.value);o=new Map(k.slice(0,Z).map(T=>[T,G($,T)])),B(p,[...o.values()].map(T=>T.element)),N(d,L(k.length)),C()}function L($){return $>Z?u("leaves.some",{most:Z,count:$}):$?"":i.value?u("leaves.no_such"):u("leaves.none")}function G($,k){let T=ue($,k),E=T?u("leaves.of_group",{name:$.title(k),group:T}):$.title(k),F=Ne=>{Number.isFinite(Ne)&&e.setValue(k,Ne)},R=g("input",{type:"range","aria-label":u("leaves.slider",{name:E}),on:{input:()=>F(R.valueAsNumber)}}),X=g("input",{type:"number",step:"any","aria-label":u("leaves.value",{name:E}),on:{...Un(()=>F(X.valueAsNumber)),focus:()=>X.value=e.engine.value[k]}}),be=g("input",{type:"checkbox","aria-label":u("leaves.in_descent",{name:E}),on:{change:()=>be.checked?t.add(k):t.delete(k)}});be.checked=t.has(k);let at=g("td",{class:"ui-number"});return{element:g("tr",{},g("th",{scope:"row"},g("span",{class:"ui-check"},be,K(n,k)),Jt(T)),g("td",{},g("span",{class:"ui-value"},X,R)),at,g("td",{},q(u("leaves.plus_h"),()=>z(k),{"aria-label":u("leaves.nudge_label",{name:E})}))),slider:R,field:X,check:be,grad:at}}function C(){for(let[$,{element:k,slider:T,field:E,grad:F}]of o){let R=e.engine.value[$];j(T,R,e.engine.original[$]),T.value=R,n.focused()===E&&!Kn(E)?E.value=R:Kn(E)||(E.value=Number.isFinite(R)?Number(R.toPrecision(6)):""),S(E,"title",String(R)),N(F,ge(e,$)),S(k,"data-selected",e.selected===$)}}function j($,k,T){let{min:E,max:F}=Qn(T),R=k<E?Qn(k).min:E,X=k>F?Qn(k).max:F;S($,"min",R),S($,"max",X),S($,"step",Xa(X-R))}function D(){t.clear(),h.input.checked=!1,N(c,""),A()}return{name:"leaves",title:u("panel.leaves"),element:w,update:C,rebuild:D}}var Re=50;function Ya(n,e){if(n.engine.kind[e]===2)return null;if(n.hidden(e))return u("node.when_found");if(!n.complete)return u("node.when_through");let t=y(n.engine.difference(e),7),s=n.verdict(e)?n.engine.agrees(e):n.agrees(e);return s===!0?u("node.agrees",{difference:t}):s===!1?u("node.disagrees",{difference:t}):u("node.cannot_tell",{difference:t})}function Ja(n,e){let t=n.python(e);return t===null?null:u("node.not_derivative",{gradient:y(t,7)})}function eo(n){let{session:e}=n,t=g("div");function s(){let{engine:l,selected:c}=e;if(c===null){B(t,P(u("node.nothing")));return}let h=l.operation(c),d=l.source(c),p=l.document.lines?.[d],f=h!==null;B(t,H(l.title(c)),Qt([[u("term.value"),r(e.value(c))],[u("node.stale"),e.note(c)||null],[u("term.gradient"),l.kind[c]===2?u("node.none"):e.hidden(c)?ge(e,c):r(e.grad(c))],[u("node.in_python"),Ja(e,c)],[u("node.in_class",{name:l.document.judged?.class}),Ot(e,c)],[u("node.right"),e.mistake&&!e.hidden(c)?r(e.mistake.right[c]):null],[u("node.check"),Ya(e,c)],[u("term.operation"),f?`${W(l,c)} = ${Ze(l,c)}`:Q(l,c)],[u("node.recomputed"),l.frozen(c)?u("node.frozen"):null],[u("node.group"),ue(l,c)],[u("node.source"),d&&g("span",{},d,p?g("code",{class:"ui-code"},p):null)]]),g("div",{class:"ui-row"},f?q(u("node.to_forward"),()=>e.jump(c,"forward")):null,l.kind[c]===2?null:q(u("node.to_backward"),()=>e.jump(c)),l.kind[c]===1?q(u("node.move"),()=>n.openTab("leaves")):null,l.kind[c]===1?q(u("node.paths"),()=>n.openTab("paths")):null),f?o(l,c):null,i(l,c),l.kind[c]===2?null:a(l,c))}function r(l){return g("span",{title:l===null?null:String(l)},l===null?u("node.unknown"):y(l,7))}function o(l,c){let h=l.operands(c).map((d,p)=>{let f=l.kind[d]===2?u("node.constant"):Ge(Ie(e,l.start[c]+p));return g("tr",{},g("th",{scope:"row"},K(n,d)),Se(e.value(d)),g("td",{class:"ui-maths"},f))});return g("table",{class:"ui-small"},g("caption",{},u("node.operands",{n:h.length})),rt(u("term.name"),u("term.value"),u("term.local")),g("tbody",{},h.slice(0,Re)))}function i(l,c){let h=[...new Set(l.users(c).map(({node:d})=>d))];return h.length?[H(u("node.used_by",{n:h.length})),g("ul",{class:"ui-links"},h.slice(0,Re).map(d=>g("li",{},K(n,d)))),h.length>Re?P(u("list.more",{n:h.length-Re})):null]:P(c===l.root?u("node.is_root"):u("node.unused"))}function a(l,c){let h=Me(l,c);if(c===l.root)return[H(u("node.gradient")),J(`${I(l,c)} = 1`)];let d=h.slice(0,Re).map(f=>{let m=l.stepOf(f.node)<=e.t,b=h.length>1?u("share.of",{gradient:I(l,c)}):I(l,c),w=`${I(l,f.node)} · ${I(l,c,f.node)}`;return J(m?Ye(e,{...f,id:c},b):u("node.not_yet",{left:b,product:w}))}),p=e.complete?Je(e,c,h,l.grad[c]):null;return[H(h.length===1?u("node.its_gradient"):u("node.its_sum",{n:h.length})),...h.length?d:[P(u("node.no_gradient"))],h.length>Re?P(u("list.more",{n:h.length-Re})):null,p===null?null:J(p,"ui-main")]}return{name:"node",title:u("panel.node"),element:t,update:s}}var so=14,to=12;function no(n){let e=n.toString();return e.length<=15?oe(n):u("paths.about",{mantissa:`${e[0]}.${e.slice(1,3)}`,exponent:e.length-1})}function ro(n,e=so){if(n.length<=e)return n;let t=Math.floor(e/2);return[...n.slice(0,t),null,...n.slice(n.length-t)]}function Qa(n,{edges:e,product:t},s=()=>!1){let r=ro(e).map((o,i)=>o===null?"…":s(o)?"?":i?pe(n.slope[o]):y(n.slope[o]));return r.length===1?y(t):`${r.join(" · ")} = ${y(t)}`}function el(n,e,{paths:t,sum:s}){let r=t.slice(0,to).map(({product:i},a)=>a?pe(i):y(i));t.length>to&&r.push("…");let o=I(n,e);return r.length>1?`${o} = ${r.join(" + ")} = ${y(s)}`:`${o} = ${y(s)}`}function oo(n){let{session:e}=n,t=g("div");function s(o){let{engine:i,selected:a}=e;if(en(o))return;if(a===null){B(t,P(u("paths.click")));return}let l=H(u("paths.title",{from:W(i,a),to:W(i,i.root)}));if(i.kind[a]===2){B(t,l,P(u("paths.constant")));return}if(e.hidden(a)){B(t,l,P(u("paths.exercise")));return}let c=i.paths(a);if(c.paths===null){B(t,l,P(u("paths.counted",{count:no(c.count)})),J(`${I(i,a)} = ${y(c.sum)}`,"ui-main"));return}if(!c.paths.length){B(t,l,P(u("paths.none")));return}B(t,l,P(u("paths.each",{n:Number(c.count),count:no(c.count)})),J(el(i,a,c),"ui-main"),g("ol",{class:"ui-paths"},c.paths.map(h=>r(h))))}function r(o){let i=ro(o.nodes).flatMap((a,l)=>[l?" → ":"",a===null?u("paths.more",{n:o.nodes.length-so}):K(n,a)]);return g("li",{},g("span",{},i),J(Qa(e.engine,o,a=>e.conceals(a))))}return{name:"paths",title:u("panel.paths"),element:t,update:s}}function ot(n){let[e,t,...s]=ao(n).split("/").map(r=>r===""?NaN:Number(r));return s.length?NaN:t===void 0?e:e/t}function ao(n){return n.replace(/\s+/g,"").replace(/[‐‑‒–—−﹣－]/g,"-").split("/").map(e=>e.replace(",",".")).join("/")}function lo(n,e,t){let s=t.map(([o,i])=>[o,i==="shown"?i:tl(i)]).filter(([,o])=>o).map(([o,i])=>`${io(o)}~${i}`),r=`gg1:${n==null?"":io(String(n))}:${e}:${s.join(";")}`;return`${r}:${nl(r).toString(16).padStart(8,"0")}`}function tl(n){let e=ot(n);if(Number.isNaN(e))return"";let t=ao(n);return/^[-+.\de/]+$/i.test(t)?t:String(e)}function io(n){let e=t=>`%${t.charCodeAt(0).toString(16).toUpperCase()}`;return encodeURIComponent(n.toWellFormed?.()??n).replace(/[!'()*~]/g,e)}function nl(n){let e=-1;for(let t=0;t<n.length;t++){e^=n.charCodeAt(t);for(let s=0;s<8;s++)e=e>>>1^(e&1?3988292384:0)}return~e>>>0}function co(n){return{get(){try{return JSON.parse(localStorage.getItem(n))}catch{return null}},set(e){try{e===null?localStorage.removeItem(n):localStorage.setItem(n,JSON.stringify(e))}catch{}}}}var sl=.0051,uo=.06,rl=1e-9;function nn(n,e,t=sl){return Number.isFinite(e)?Math.abs(n-e)<=Math.max(rl,t*Math.abs(e)):Object.is(n,e)}function ho(n,e,t){let s=n.grad[e];if(Number.isNaN(t))return{ok:!1,slip:"empty",reason:u("slip.empty")};if(nn(t,s))return{ok:!0,slip:null,reason:u("slip.right")};for(let{slip:r,number:o,reason:i}of ol(n,e))if(Number.isFinite(o)&&nn(t,o))return{ok:!1,slip:r,reason:i};return nn(t,s,uo)?{ok:!1,slip:"rounding",reason:u("slip.rounding")}:nn(t,-s,uo)?{ok:!1,slip:"sign",reason:u("slip.sign_rough")}:{ok:!1,slip:"other",reason:u("slip.none_of_these")}}function*ol(n,e){let t=n.grad[e],s=Me(n,e),r=W(n,e);yield{slip:"sign",number:-t,reason:u("slip.sign")},yield*il(n,s,r);let o=i=>s.reduce((a,l)=>a+i(l),0);s.length&&(yield{slip:"local",number:o(({slope:i})=>i),reason:al(n,e,s)},yield{slip:"upstream",number:o(({upstream:i})=>i),reason:ll(n,e,s)});for(let i of s)yield*cl(n,e,i,t-i.amount);yield{slip:"twice",number:2*t,reason:u("slip.twice")},yield{slip:"value",number:n.value[e],reason:u("slip.value",{node:r})}}function*il(n,e,t){if(e.length<2)return;for(let{node:r,amount:o}of e){let i=u("slip.one_of",{n:e.length,through:n.title(r),node:t});yield{slip:"one",number:o,reason:i}}let s=e.reduce((r,{amount:o})=>r+o,0);for(let{node:r,amount:o}of e)yield{slip:"one",number:s-o,reason:u("slip.missing",{through:n.title(r)})};yield{slip:"product",number:e.reduce((r,{amount:o})=>r*o,1),reason:u("slip.product")}}function al(n,e,t){let{node:s}=t[0];if(t.length>1)return u("slip.local_several");let r=I(n,s);return n.operation(s).name==="mul"?u("slip.local_factor",{upstream:r}):u("slip.local",{local:I(n,e,s),upstream:r})}function ll(n,e,t){if(t.length>1)return u("slip.upstream_several");let{node:s}=t[0],r=Q(n,s),o=I(n,e,s),i=I(n,s);return n.operation(s).name==="mul"?u("slip.upstream_product",{local:o}):r==="−"?u("slip.upstream_minus",{local:o}):/^\p{L}/u.test(r)?u("slip.upstream_operation",{operation:r,upstream:i,local:o}):u("slip.upstream",{upstream:i,local:o})}function*cl(n,e,{node:t,edge:s,upstream:r},o){let i=n.operation(t).name,a=n.value[e],l=n.operands(t),c=l.filter((h,d)=>n.start[t]+d!==s).map(h=>n.value[h]);if(i==="mul"){let h=u("slip.factor",{node:W(n,e)});yield{slip:"factor",number:o+r*a,reason:h},o===0&&(yield{slip:"factor",number:a,reason:h})}if(i==="add"||i==="sub"){let h=u("slip.summand");for(let d of c)yield{slip:"summand",number:o+r*d,reason:h},yield{slip:"summand",number:o+r+d,reason:h},o===0&&(yield{slip:"summand",number:d,reason:h});yield{slip:"summand",number:o+r*a,reason:h}}if(l.length===1){let h=n.value[t],d=u("slip.derivative",{node:W(n,t),operation:i});yield{slip:"derivative",number:o+r*h,reason:d},i==="tanh"&&(yield{slip:"derivative",number:o+r*(1-h),reason:u("slip.tanh_square")},yield{slip:"derivative",number:o+r*(1-a*a),reason:u("slip.tanh_result")})}if(i==="pow"){let[h,d]=l.map(p=>n.value[p]);yield{slip:"power",number:o+r*h**(d-1),reason:u("slip.power_factor")},yield{slip:"power",number:o+r*d*h**d,reason:u("slip.power_less")}}}function po(n,e){let{engine:t}=n,s=Me(t,e);if(e===t.root)return[u("hint.root")];if(!s.length)return[u("hint.no_path")];let r=[...new Set(s.map(({node:c})=>t.title(c)))],o={node:t.title(e),n:s.length,users:r.slice(0,6).join(", ")},i=n.whole.exercise?.solution===!1,a=[s.length===1?u("hint.used_once",o):u("hint.used",o),...[s.slice(0,6).map(({node:c})=>`${I(t,c)} · ${I(t,e,c)}`).join(" + ")].map(c=>`${I(t,e)} = ${c}`),s.slice(0,6).map(({edge:c})=>i||n.conceals(c)?ul(t,c):Ie(n,c)).join("; ")];if(i)return a;let l=s.slice(0,6).map(({node:c,edge:h,upstream:d})=>`${ge(n,c,d)} · ${kn(n,h)}`);return[...a,`${I(t,e)} = ${l.join(" + ")}`]}function ul(n,e){return`${I(n,n.args[e],n.owner[e])} = ${xn(n,e)??"?"}`}function go(n,e){let{engine:t}=n;if(e===t.root)return[`${I(t,e)} = 1`];let s=Me(t,e);if(!s.length)return[u("solution.no_path",{gradient:I(t,e)})];let r=s.flatMap(i=>{let a=s.length>1?u("share.of",{gradient:I(t,e)}):null;return[Ie(n,i.edge),Ye(n,{...i,id:e},a)]}),o=Je(n,e,s,t.grad[e]);return o===null?r:[...r,o]}function fo(n,e,t){let s=t-n-e,r=[u("score.right",{right:y(n),all:t})];return e&&r.push(u("score.shown",{n:e})),r.push(s?u("score.to_go",{n:s}):u("score.done")),r.join(", ")}var sn={text:"",tries:0,checked:!1,shown:!1};function mo(n){let{session:e}=n,{quiz:t}=e,{id:s="",answers:r=null,solution:o=!0}=e.whole.exercise??{},i=[...t.blanks].sort((_,O)=>O-_),a=new st(e.whole),l=Object.assign(Object.create(e),{engine:a}),c=co(`glassgrad quiz ${s} ${t.seed??""} ${t.blanks}`),h=JSON.stringify(r),d=new Map,p=new Map,f=g("p",{class:"ui-main",role:"status"}),m=g("ol",{class:"ui-quiz"}),b=g("div"),w=g("p",{class:"ui-note",role:"status",hidden:!0},u("quiz.moved"),q(u("quiz.put_back"),()=>e.reset())),{sealed:v}=e,x=o===!1||v?null:q(u("quiz.worked"),()=>os(i)),z=o==="answered"?P(u("quiz.later")):null,A=q(u("quiz.again"),De),L=g("div",{role:"form","aria-label":u("quiz.answers"),on:{keydown:_=>E(_),input:_=>F(_),focusout:()=>Ne()}},m,g("div",{class:"ui-row"},v?null:q(u("quiz.check"),rs,{class:"ui-primary"}),x,A),v?P(u("quiz.sealed")):z),G=g("textarea",{readonly:!0,rows:3,hidden:!0,"aria-label":u("quiz.line_label")}),C=g("p",{class:"ui-note",role:"status"}),{seed:j=null}=t,D=j===null?u("quiz.task"):u("quiz.task_of_seed",{seed:j}),$=g("div",{},H(t.title||u("quiz.title")),P(D),w,f,L,g("div",{class:"ui-row"},q(u("quiz.copy"),Uo),q(u("quiz.save"),Ko)),C,G,b);function k(){p=new Map(i.map(_=>[_,T(_)])),B(m,[...p.values()].map(_=>_.element)),be()}function T(_){let{engine:O}=e,V=g("input",{type:"text",inputmode:"text",autocomplete:"off",spellcheck:"false","aria-label":u("quiz.gradient_of",{name:O.title(_)}),"data-node":_}),U=g("p",{class:"ui-verdict",role:"status"}),te=0,le=g("p",{class:"ui-note",role:"status"}),re=q(u("quiz.hint"),()=>{let ct=po(l,_);N(le,ct.slice(0,te+1).join(" — ")),te=Math.min(te+1,ct.length-1)},{"aria-label":u("quiz.hint_for",{name:O.title(_)})});return{element:g("li",{},g("div",{class:"ui-row"},K(n,_,I(O,_))," = ",V,re),U,le),input:V,verdict:U,more:re}}function E(_){_.key!=="Enter"||_.target.tagName!=="INPUT"||(_.preventDefault(),rs())}function F({target:_}){if(!_.dataset.node)return;let O=Number(_.dataset.node);d.set(O,{...sn,...d.get(O),text:_.value}),X(),v&&lt()}let R=_=>d.get(_)??sn;function X(){c.set({base:h,answers:Object.fromEntries(d)})}function be(){if(!d.size){let _=c.get(),O=_?.base===h?_.answers:null;for(let V of i){let U=O?.[V];U&&typeof U=="object"?d.set(V,{...sn,...U,text:String(U.text??"")}):!O&&r?.[V]&&d.set(V,{...sn,...at(r[V])})}}if(d.size){for(let[_,{input:O}]of p)O.value=R(_).text;At(),i.some(_=>R(_).shown)?os(i.filter(_=>R(_).shown)):lt()}}function at(_){return _==="shown"?{shown:!0}:{text:_,tries:1,checked:!0}}function De(){if(!("sure"in A.dataset)){A.dataset.sure="",N(A,u("quiz.erase"));return}Ne(),d.clear(),c.set(r?{base:h,answers:{}}:null),e.solved.clear();for(let{input:_}of p.values())_.value="";B(b),N(C,""),G.hidden=!0,At(),e.emit("quiz",null),lt()}function Ne(){delete A.dataset.sure,N(A,u("quiz.again"))}function rs(){if(v)return;for(let[O,{input:V}]of p){let{tries:U,shown:te,...le}=R(O);if(te||Mt(O))continue;let re=Number.isNaN(ot(V.value))?0:1;d.set(O,{...le,shown:te,text:V.value,tries:U+re,checked:V.value.trim()!==""})}X();let _=At();_!==null&&p.get(_).input.focus(),lt()}let cn=_=>ho(a,_,ot(R(_).text)),Mt=_=>!v&&R(_).checked&&!R(_).shown&&cn(_).ok;function At(){let _=null;for(let[O,{input:V,verdict:U,element:te}]of p){let{checked:le,shown:re}=R(O),{ok:qe,reason:ct,slip:ls}=le&&!re&&!v?cn(O):{ok:!1,slip:"empty",reason:""};N(U,qe?u("verdict.right"):ct&&`✗ ${ct}`),S(te,"data-verdict",qe?"right":ls==="empty"?null:"wrong"),S(V,"aria-invalid",qe||ls==="empty"?null:"true"),qe?e.solve(O):re||(_??=O)}return _}function os(_){for(let O of _)Mt(O)||d.set(O,{...R(O),shown:!0}),e.solve(O);X(),At(),lt(),B(b,H(u("quiz.worked")),g("ol",{},i.filter(O=>!e.hidden(O)).map(O=>g("li",{},K(n,O),go(l,O).map(V=>J(V))))))}function is(){let _=i.map(O=>[e.engine.title(O),R(O).shown?"shown":p.get(O).input.value]);return lo(t.seed,s,_)}async function Uo(){G.value=is(),G.hidden=!1;let _=await $t(G);N(C,_?u("quiz.copied"):u("quiz.no_clipboard"))}function Ko(){let _=`${Zn(u("quiz.file",{name:t.seed??e.whole.title??""}))}.txt`;We(_,`${is()}

${JSON.stringify(e.whole)}
`,"text/plain"),N(C,u("quiz.saved",{name:_}))}function lt(){as();let _=[...d].map(([O,{text:V,tries:U,shown:te}])=>{let le=te?NaN:ot(V),{ok:re,slip:qe}=v?{ok:!1,slip:null}:{ok:Mt(O),slip:cn(O).slip};return[O,{answer:Number.isFinite(le)?le:null,tries:U,ok:re,shown:te,slip:qe}]});n.answered(Object.fromEntries(_))}function as(){let _=i.filter(Mt).length,O=i.filter(U=>R(U).shown).length,V=i.filter(U=>!Number.isNaN(ot(R(U).text))).length;N(f,v?u("quiz.answered",{n:V,all:i.length}):fo(_,O,i.length)),w.hidden=!e.engine.moved,x&&(x.disabled=o==="answered"&&!i.every(U=>R(U).tries||R(U).shown)),z&&(z.hidden=!x.disabled);for(let[U,{input:te,more:le}]of p){let re=!e.hidden(U);te.readOnly=re,le.hidden=re||v}}return{name:"quiz",title:u("panel.quiz"),element:$,update:as,rebuild:k}}var bo=["order","operation",null,"value","grad",null];function hl(n,e,t){let{engine:s}=n,r=Array.from({length:s.n},(l,c)=>c),o=t?-1:1;if(e==="order")return t?r.reverse():r;if(e==="operation"){let l=r.map(c=>Q(s,c));return r.sort((c,h)=>o*l[c].localeCompare(l[h])||c-h)}let i=r.map(l=>n[e](l)??NaN),a=l=>!Number.isNaN(l);return r.sort((l,c)=>Number(a(i[c]))-Number(a(i[l]))||(a(i[l])?o*(i[l]-i[c]):0)||l-c)}function dl(n,e){let{engine:t}=n;if(n.value(e)===null)return"–";let s=o=>n.conceals(o)?"?":y(t.slope[o]);return t.operands(e).slice(0,8).map((o,i)=>t.kind[o]===2?"–":s(t.start[e]+i)).join(", ")+(t.operands(e).length>8?", …":"")}function wo(n){let{session:e}=n,t="order",s=!1,r=0,o=new Map,i=[],a=null,l=g("caption"),c=["node","operation","operands","value","gradient","locals"].map(k=>u(`term.${k}`)),h=bo.map((k,T)=>g("th",{scope:"col"},k?q(c[T],()=>x(k),{class:"ui-sort"}):c[T])),d=g("tbody"),p=g("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":u("table.label")},g("table",{class:"ui-table"},l,g("thead",{},g("tr",{},h)),d)),f=g("span",{role:"status"}),m=q(u("table.earlier"),()=>z(r-1)),b=q(u("table.later"),()=>z(r+1)),w=g("div",{class:"ui-row"},m,f,b),v=g("div",{class:"ui-fill"},w,p);function x(k){s=t===k?!s:k==="grad"||k==="value",t=k,r=0,A()}function z(k){r=k,L()}function A(){i=hl(e,t,s),h.forEach((k,T)=>{let E=bo[T];S(k,"aria-sort",E===t?s?"descending":"ascending":null)}),L()}function L(){let k=Math.max(1,Math.ceil(i.length/Z));r=Math.max(0,Math.min(r,k-1));let T=r*Z,E=i.slice(T,T+Z);o=new Map(E.map(F=>[F,G(F)])),B(d,[...o.values()].map(F=>F.element)),w.hidden=k===1,m.disabled=r===0,b.disabled=r===k-1,N(f,u("table.rows",{from:T+1,to:T+E.length,all:i.length})),a=null,C()}function G(k){let{engine:T}=e,E=T.operands(k),F=E.slice(0,8).flatMap((De,Ne)=>[Ne?", ":"",K(n,De)]);E.length>8&&F.push(", ",u("table.in_all",{n:E.length}));let[R,X,be]=["ui-number","ui-number",null].map(De=>g("td",{class:De}));return{element:g("tr",{},g("th",{scope:"row"},K(n,k),Jt(ue(T,k))),g("td",{},Q(T,k)),g("td",{},F),R,X,be),value:R,grad:X,slopes:be}}function C(){let{engine:k,total:T}=e;N(l,u("table.caption",{n:k.n,t:e.t,total:T}));for(let[E,F]of o)N(F.value,y(e.value(E),6)),N(F.grad,ge(e,E)==="?"?"?":y(e.grad(E),6)),N(F.slopes,dl(e,E)),S(F.element,"data-selected",e.selected===E),S(F.element,"aria-current",e.shown.last?.node===E?"step":null)}function j(k){let T=k.has("values")||k.has("bug")||k.has("frame")||k.has("quiz");(t==="value"||t==="grad")&&(T||k.has("step"))?A():C();let E=k.has("select")?e.selected:e.shown.last?.node;E!=null&&E!==a&&(k.has("step")||k.has("select"))&&D(E)}function D(k){o.has(k)||z(Math.floor(i.indexOf(k)/Z));let T=o.get(k).element.getBoundingClientRect(),E=p.getBoundingClientRect(),F=h[0].offsetHeight;T.top<E.top+F?p.scrollTop+=T.top-E.top-F:T.bottom>E.bottom&&(p.scrollTop+=T.bottom-E.bottom),a=k}function $(){r=0,A()}return{name:"table",title:u("panel.table"),element:v,update:j,rebuild:$}}function pl(n,e,t){return n==="ArrowRight"?(e+1)%t:n==="ArrowLeft"?(e+t-1)%t:null}function gl(n,e){let[t,s]=[n,e].map(r=>r.getBoundingClientRect());e.scrollLeft+=Math.min(0,t.left-s.left)+Math.max(0,t.right-s.right)}function vo(n,e){let t=null,s=n.map((h,d)=>{let p=Oe(h.name),f=g("button",{type:"button",role:"tab",id:`${p}-tab`,"aria-controls":p,title:`${h.title} (${d+1})`,on:{click:()=>l(h.name)}},h.title),m=g("div",{role:"tabpanel",id:p,"aria-labelledby":`${p}-tab`,tabindex:0,class:`ui-panel ui-panel-${h.name}`,hidden:!0},h.element);return{panel:h,tab:f,body:m}}),r=g("div",{role:"tablist","aria-label":u("app.panels"),class:"ui-tabs",on:{keydown:h=>c(h)}},s.map(({tab:h})=>h)),o=Oe("panels"),i=g("h2",{class:"ui-hidden",id:o},u("app.panels")),a=g("section",{class:"ui-side","aria-labelledby":o},i,r,s.map(({body:h})=>h));function l(h,d=null){for(let{panel:p,tab:f,body:m}of s){let b=p.name===h;S(f,"aria-selected",String(b)),S(f,"tabindex",b?0:-1),m.hidden=!b,b&&d&&(d==="tab"?f:m).focus({preventScroll:d==="tab"}),b&&(t=p),b&&gl(f,r)}e(t)}function c(h){let d=s.findIndex(({panel:f})=>f===t),p=h.ctrlKey||h.metaKey||h.altKey?null:pl(h.key,d,s.length);p!==null&&(h.preventDefault(),l(s[p].panel.name,"tab"))}return{element:a,open:l,get current(){return t}}}var rn=["auto","light","dark"];var ko="(prefers-color-scheme: dark)";var yo="system",fl={dark:!0,light:!1,auto:yo},_t=n=>fl[n.toLowerCase()]??null,es={"data-jp-theme-light":n=>({false:!0,true:!1})[n]??null,"data-md-color-scheme":n=>({slate:!0,default:!1})[n]??null,"data-bs-theme":_t,"data-theme":_t,"data-color-mode":_t},_o={theme:_t,"data-mode":_t,class:wl},ml=new Set(["quarto-dark","dark","coal","navy","ayu","vscode-dark","vscode-high-contrast"]),bl=new Set(["quarto-light","light","rust","vscode-light","vscode-high-contrast-light"]);function wl(n){let e=n.split(/\s+/);return e.some(t=>bl.has(t))?!1:e.some(t=>ml.has(t))?!0:null}function vl({name:n,marks:e}){let t=n==="html"||n==="body";for(let[s,r]of Object.entries(t?{...es,..._o}:es)){let o=typeof e[s]=="string"?r(e[s]):null;if(o!==null)return o}return null}function xo(n){let t=n.replace(/^color\(\S+/,"color(").match(/[\d.]+(?:e-?\d+)?%?/g)?.map(l=>parseFloat(l)/(l.endsWith("%")?100:1));if(!t||t.length<3)return null;let[,s]=n.match(/^(\w+)\(/)??[],[r,o,i,a=1]=t;return a<.5?null:s==="rgb"||s==="rgba"?.299*r+.587*o+.114*i<128:s==="color"?.299*r+.587*o+.114*i<.5:s==="oklch"||s==="oklab"?r<.6:s==="lab"||s==="lch"?(r>1?r/100:r)<.5:null}function xl(n,{around:e=[],canvas:t="",system:s=!1}){if(n!=="auto")return n==="dark";for(let r of e){let o=vl(r);if(o!==null)return o===yo?s:o}for(let{background:r}of e){let o=xo(r);if(o!==null)return o}return xo(t)??s}function zo(n){let e=n.ownerDocument,t=e.defaultView,s=[...Mo(n)].map(i=>({name:i.localName,marks:Object.fromEntries([...i.attributes].map(({name:a,value:l})=>[a,l])),background:t.getComputedStyle(i).backgroundColor})),r=Ao(n),o=r?zo(r):{around:[],canvas:kl(e)};return{around:[...s,...o.around],canvas:o.canvas,system:t.matchMedia(ko).matches}}function*Mo(n){for(let e=n;e;e=e.parentElement??e.getRootNode().host??null)yield e}function Ao(n){try{return n.ownerDocument.defaultView.frameElement}catch{return null}}function kl(n){let e=n.createElement("div");e.style.backgroundColor="Canvas",n.documentElement.append(e);let t=n.defaultView.getComputedStyle(e).backgroundColor;return e.remove(),t}function $o(n,e){let t=null,s=null,r=()=>{let l=n.parentElement??n.getRootNode().host;l&&n.toggleAttribute("data-dark",xl(e(),{...zo(l),...s}))},o=()=>{r(),clearTimeout(t),t=setTimeout(r,450)},i=({source:l,data:c})=>{l!==globalThis.parent||l===globalThis||c?.glassgrad!=="theme"||(s={around:c.around,canvas:c.canvas},r())};globalThis.addEventListener("message",i);let a=yl(n,o);return r(),{apply:r,stop(){clearTimeout(t),globalThis.removeEventListener("message",i);for(let l of a)l()}}}function yl(n,e){let t=[];for(let s=n;s;s=Ao(s)){let r=s.ownerDocument.defaultView,o=r.matchMedia(ko);o.addEventListener("change",e);let i=new r.MutationObserver(e),a=[...Object.keys(es),...Object.keys(_o),"style"];for(let h of Mo(s))h!==n&&i.observe(h,{attributes:!0,attributeFilter:a});let l=["disabled","media","href","rel"],{head:c}=s.ownerDocument;c&&i.observe(c,{childList:!0,subtree:!0,attributes:!0,attributeFilter:l}),t.push(()=>i.disconnect(),()=>o.removeEventListener("change",e))}return t}var on=340,Fe=110,it=56,se=10;function _l(n){let e=1/0,t=-1/0;for(let s of n)Number.isFinite(s)&&(e=Math.min(e,s),t=Math.max(t,s));return e>t?{low:0,high:1}:e===t?{low:e-Math.max(1e-12,Math.abs(e)/2),high:t+Math.max(1e-12,Math.abs(t)/2)}:{low:e,high:t}}function So(n){let{low:e,high:t}=_l(n),s=Math.max(1,n.length-1);return{low:e,high:t,x:r=>it+(on-it-se)*r/s,y:r=>Fe-se-(Fe-2*se)*(r-e)/(t-e)}}function zl(n){let{x:e,y:t}=So(n),s="M",r="";return n.forEach((o,i)=>{if(!Number.isFinite(o)){s="M";return}r+=`${s}${e(i).toFixed(1)} ${t(o).toFixed(1)}`,s="L"}),r}function ts(n,e,t,s,r=null){let{low:o,high:i,x:a,y:l}=So(t),c=t.length<=60?t.map((b,w)=>({value:b,k:w})).filter(b=>Number.isFinite(b.value)):[],h=o<0&&i>0?l(0):null,[d,p]=[t[0],t.at(-1)].map(b=>y(b)),f=u("chart.spoken",{title:n,first:d,last:p,low:y(o),high:y(i)}),m=[s,r].filter(b=>b!==null&&Number.isFinite(t[b]));return M("svg",{class:`ui-chart ui-chart-${e}`,viewBox:`0 0 ${on} ${Fe}`,role:"img","aria-label":f},M("path",{class:"ui-axis",d:`M${it} ${se/2}V${Fe-se/2}H${on-se/2}`}),h===null?null:M("path",{class:"ui-zero",d:`M${it} ${h}H${on-se}`}),s===null?null:M("path",{class:"ui-mark",d:`M${a(s)} ${se/2}V${Fe-se/2}`}),r===null?null:M("path",{class:"ui-mark ui-other",d:`M${a(r)} ${se/2}V${Fe-se/2}`}),M("path",{class:"ui-line",d:zl(t)}),c.map(({value:b,k:w})=>M("circle",{cx:a(w),cy:l(b),r:1.6})),m.map(b=>M("circle",{class:"ui-here",cx:a(b),cy:l(t[b]),r:3.5})),M("text",{x:it-5,y:se+4,"text-anchor":"end"},y(i,3)),M("text",{x:it-5,y:Fe-se+3,"text-anchor":"end"},y(o,3)))}function an(n,e,t){let{document:s}=n.run.steps[e],r=n.run.steps[n.frame]?.document;if(!s){if(r&&n.engine.label(t)==="")return{value:NaN,grad:NaN};let i=n.recording(e),a=r?Eo(n.whole,n.engine.label(t)):t;return a===void 0?{value:NaN,grad:NaN}:{value:i.value[a],grad:i.grad[a]}}let o=s===n.document?t:Eo(s,n.engine.label(t));return o===void 0?{value:NaN,grad:NaN}:{value:Y(s.nodes.value[o]),grad:Y(s.nodes.grad[o]??"nan")}}var ns=new WeakMap;function Eo(n,e){if(e){if(!ns.has(n)){let t=new Map;n.nodes.label.forEach((s,r)=>t.set(n.strings[s],r)),ns.set(n,t)}return ns.get(n).get(e)}}function To(n,e){let t=n.run.steps.map((s,r)=>an(n,r,e));return{value:t.map(({value:s})=>s),grad:t.map(({grad:s})=>s)}}function Ml(n,e){let{engine:t}=n;if(e!==t.root)return e;let r=kt(t).map(o=>[Math.abs(an(n,0,o).grad),o]).filter(([o])=>Number.isFinite(o));return r.length?r.reduce((o,i)=>i[0]>o[0]?i:o)[1]:null}function No(n){let{session:e}=n,{steps:t}=e.run,s=!1,r=g("input",{type:"range",min:0,max:t.length-1,step:1,"aria-label":u("time.recorded"),on:{input:()=>e.setFrame(r.valueAsNumber)}}),o=g("output",{class:"ui-said"}),i=g("select",{on:{change:()=>e.setCompare(i.value===""?null:Number(i.value))}},g("option",{value:""},u("time.nothing")),t.map((v,x)=>g("option",{value:x},d(x)))),a=$e(u("time.all"),!1,v=>{s=v,f(new Set(["frame"]))}),l=g("div"),c=g("div"),h=g("div",{},g("div",{class:"ui-row ui-scrub"},q("‹",()=>p(-1),{"aria-label":u("time.earlier")}),r,q("›",()=>p(1),{"aria-label":u("time.later")}),o),l,g("div",{class:"ui-row"},g("label",{class:"ui-field"},g("span",{},u("time.compare")),i),a.element),c);function d(v){let x=t[v].label||`step ${v}`;return x.startsWith("step ")?u("time.step",{step:x.slice(5)}):x}function p(v){e.setFrame(Math.max(0,Math.min(t.length-1,e.frame+v)))}function f(v){if(en(v))return;let{engine:x,frame:z}=e,A=e.selected??x.root;r.value=z,S(r,"aria-valuetext",d(z)),N(o,u("time.kept",{step:d(z),k:z+1,all:t.length})),i.value=e.compare??"";let L=x.title(A),G=Ml(e,A),C=G===null?"":x.title(G);B(l,H(u("time.value_over",{node:L})),ts(u("time.value_of",{node:L}),"value",To(e,A).value,z,e.compare),...G===null||e.hidden(G)?[]:[H(u("time.gradient_over",{node:C})),ts(u("quiz.gradient_of",{name:C}),"grad",To(e,G).grad,z,e.compare)],G===A?null:P(u("time.always_1",{node:L}),"ui-note")),B(c,e.compare===null?P(u("time.choose"),"ui-note"):m(x))}function m(v){let x=e.frame,z=e.compare,A=[];if(s||e.selected===null)for(let C=v.n-1;C>=0&&A.length<Z;C--)v.kind[C]!==2&&A.push(C);else A.push(e.selected);let L=(C,j)=>g("th",{scope:"col",...j},C),G=s&&v.n>Z;return g("div",{class:"ui-scroll",role:"region",tabindex:0,"aria-label":u("time.two")},g("table",{class:"ui-table"},g("caption",{},u(G?"time.beside_last":"time.beside",{a:d(x),b:d(z),n:Z})),g("thead",{},g("tr",{},g("td",{rowspan:2}),g("th",{scope:"colgroup",colspan:3},u("term.value")),g("th",{scope:"colgroup",colspan:3},u("term.gradient"))),g("tr",{},...[1,2].flatMap(()=>[L(d(x)),L(d(z)),L(u("term.difference"))]))),g("tbody",{},A.map(C=>b(v,C,an(e,x,C),an(e,z,C))))))}function b(v,x,z,A){let G=e.hidden(x)?["?","?","?"].map(C=>g("td",{},C)):w(z.grad,A.grad);return g("tr",{},g("th",{scope:"row"},K(n,x)),...w(z.value,A.value),...G)}function w(v,x){let z=v-x;return[Se(v),Se(x),Se(z,z>0?`+${y(z)}`:y(z))]}return{name:"time",title:u("panel.time"),element:h,update:f}}var Al=1200,qo=[700,880],zt=150;function Oo(n,e){if(n<=e)return{size:n,starts:[0]};let t=Math.ceil((n-zt)/(e-zt)),s=(n-zt)/t+zt;return{size:s,starts:Array.from({length:t},(r,o)=>o*(s-zt))}}function jo(n){let e=self!==top,t=["ui-paper",n.session.quiz?"ui-worksheet":"",e?"ui-framed":""],s=g("div",{class:t.filter(Boolean).join(" ")}),r=matchMedia("print");function o(){ce(n.lang),n.host.removeAttribute("data-dark");let l=Mn(n.graph,!!n.session.quiz);B(s,n.session.quiz?$l():null,e?l:Sl(l))}function i(){s.replaceChildren(),n.themed.apply()}let a=()=>r.matches?o():i();return addEventListener("beforeprint",o),addEventListener("afterprint",i),r.addEventListener("change",a),{element:s,stop(){removeEventListener("beforeprint",o),removeEventListener("afterprint",i),r.removeEventListener("change",a)}}}function $l(){return g("div",{class:"ui-names"},g("span",{},u("print.name")),g("span",{},u("print.date")))}function Sl(n){let[,,e,t]=n.getAttribute("viewBox").split(" ").map(Number),s=Oo(e,Al),r=Math.min(1,qo[0]/s.size),o=Oo(t,qo[1]/r);return o.starts.flatMap(i=>s.starts.map(a=>{let l=n.cloneNode(!0);return l.setAttribute("viewBox",`${a} ${i} ${s.size} ${o.size}`),l.setAttribute("width",s.size),l.setAttribute("height",o.size),l}))}var El=["LR","TB","auto"],Lo=200,Io=4e3,Tl={1:!0,true:!0,"":!0,0:!1,false:!1};function Nl({total:n,panels:e}){let t=o=>({read:i=>o.includes(i)?i:void 0,wanted:ql(o)}),s=(o,i)=>a=>/^\d+$/.test(a)&&Number(a)>=o&&Number(a)<=i?Number(a):void 0,r=s(0,n);return{step:{read:o=>o==="start"||o==="end"?o:r(o),wanted:u("address.step",{total:n})},layout:t(El),panel:t(e),height:{read:s(Lo,Io),wanted:u("address.height",{low:Lo,high:Io})},compact:{read:o=>Tl[o],wanted:u("address.flag")},lang:t(je)}}function ql(n){return n.length<2?n[0]:u("list.or",{most:n.slice(0,-1).join(", "),last:n.at(-1)})}function Bo(n,e,{total:t,panels:s}){let r={...n.view,complaints:[]},o=new URLSearchParams(e);for(let[i,{read:a,wanted:l}]of Object.entries(Nl({total:t,panels:s}))){if(!o.has(i))continue;let c=o.get(i),h=a(c);h===void 0?r.complaints.push(u("address.bad",{name:i,value:c.slice(0,40),wanted:l})):r[i]=h}return r}function Co(n,e=n.run||n.quiz||n.selected!==null?"end":"start"){return e==="start"?0:e==="end"?n.total:e}function ss(n,e,t=null){let s=new URLSearchParams(e).get("lang"),r=je.includes(s)?s:n.view?.lang;return ps(r,t,...globalThis.navigator?.languages??[])}var Ol=["pointerdown","click","keydown","input","change","focusin","focusout"],jl=2,ln=class{constructor(e,t,{page:s=!1,search:r="",answered:o=()=>{},lang:i="en"}={}){this.session=e,this.host=t,this.page=s,this.answered=o,this.lang=i,ce(i),this.theme="auto",this.root=t.shadowRoot,this.offs=[],this.alone=s&&globalThis.parent===globalThis,this._panels(),this.view=Bo(e.whole,r,{total:e.total,panels:this.panels.map(({name:a})=>a)}),e.go(Co(e,this.view.step)),this._build(),this._listen(),this.tabs.open(this.view.panel??this._first()),this.warn(this.view.complaints.join(" ")),this._flush(new Set(["document"])),e.selected!==null&&this.graph.center(e.selected)}focused(){return this.root.activeElement}show(e){this.session.select(e),this.graph.center(e)}openTab(e){this.frame.removeAttribute("data-bare"),this.tabs.open(e,"body")}warn(e){this.notice.textContent=e,this.notice.hidden=!e}pythonSays(e){ce(this.lang),this.warn(e?u("app.python_says",{message:e}):"")}leave(){this.frame.focus({preventScroll:!0})}jump(){let{session:e}=this;e.selected===null?this.find.focus():e.jump(e.selected)}_panels(){let{session:e}=this,t=[Ur,eo,Qr,oo,Vn,wo];e.run?.steps.length&&t.push(No),e.quiz?t.push(mo):e.document.judged&&t.push(Yr),e.sealed&&t.splice(t.indexOf(Vn),1),this.panels=t.map(s=>s(this))}_build(){let{session:e,view:t}=this;this.kinds=new Map(this.panels.map(s=>[s,new Set(["document"])])),this.tabs=vo(this.panels,s=>this._opened(s)),this.bar=Ir(this),this.find=Hr(this),this.picture=g("div",{class:"ui-graph"}),this.help=Zr([[u("app.in_the_graph"),bt.keys??[]]]),this.live=g("div",{class:"ui-hidden","aria-live":"polite","aria-atomic":"true"}),this.notice=g("p",{class:"ui-notice",role:"status",hidden:!0}),this.changed=g("p",{class:"ui-notice ui-changed",role:"status",hidden:!0}),this.printing=jo(this),this.frame=g("div",{class:this.page?"ui ui-page":"ui",tabindex:-1,"data-compact":t.compact??!1,"data-bare":t.compact&&!t.panel&&!e.quiz,"data-sized":t.height!==void 0},this._header(),this.notice,this.changed,this.printing.element,g("div",{class:"ui-main-area"},g("section",{class:"ui-left","aria-label":u("app.graph")},this.picture,this.bar.element),this.tabs.element),this.live,this.help),t.height&&this.frame.style.setProperty("--gg-height",`${t.height}px`),this.root.append(this.frame),this._draw()}_draw(){this.graph=new bt(this.session,this.picture,{direction:this.view.layout,alone:this.alone})}_header(){let e=this.session.whole.title||"glassgrad";this.themeButton=q("",()=>this._turnTheme(),{class:"ui-theme"}),this.exports=Kr(this);let t=g("header",{class:"ui-header"},g(this.page?"h1":"h2",{title:e},e),this.find.element,this.exports.element,this.themeButton,q("?",()=>this._help(),{class:"ui-icon","aria-label":u("app.help"),title:u("app.keys")}));return this.themed=$o(this.host,()=>this.theme),this._nameTheme(),t}_first(){return this.session.quiz?"quiz":this.session.selected!==null?"node":this.session.document.judged?.marks?.includes(-1)?"judged":this.session.frame!==null?"time":"step"}_turnTheme(){this.theme=rn[(rn.indexOf(this.theme)+1)%rn.length],this._nameTheme(),this.themed.apply(),this.graph.refresh()}_nameTheme(){this.themeButton.textContent=u(`theme.${this.theme}`)}_help(){this.help.open||this.help.showModal()}_listen(){let{session:e}=this;this.offs.push(e.on("*",(s,r)=>this._happened(r,s)));let t=(s,r,o,i)=>{s.addEventListener(r,o,i),this.offs.push(()=>s.removeEventListener(r,o,i))};t(this.page?document:this.frame,"keydown",s=>this._key(s));for(let s of Ol)t(this.frame,s,()=>ce(this.lang),{capture:!0});for(let s of["pointerup","click","keydown"])t(this.picture,s,()=>this._touch(),{capture:!0})}_touch(){this.touched=!0,setTimeout(()=>this.touched=!1,0)}_happened(e,t){ce(this.lang),e==="document"&&this._replaced(),e==="break"&&this.bar.stopped(t),e==="select"&&this.touched&&t!==null&&this._explain(t);for(let s of this.kinds.values())s.add(e);this.pending??=new Set,this.pending.add(e),this.scheduled??=requestAnimationFrame(()=>{this.scheduled=null;let s=this.pending;this.pending=null,this._flush(s)})}_explain(e){let{name:t}=this.tabs.current,s=this.session.engine.kind[e]===1;(t==="step"||(s?t==="node":t==="paths"))&&this.tabs.open(s?"paths":"node")}_flush(e){ce(this.lang);let t=this.session.story;N(this.changed,t.join(" ")),this.changed.hidden=!t.length,this.bar.update(),this.graph.refresh(),this._refresh(this.tabs.current),e.has("step")&&this._announce()}_opened(e){this.host.toggleAttribute("data-wide",e.name==="table"),this._refresh(e)}_refresh(e){let t=this.kinds.get(e);t.has("document")&&e.rebuild?.(),t.size&&e.update(t),this.kinds.set(e,new Set)}_replaced(){this.graph.destroy?.(),this.picture.replaceChildren(),this._draw(),this.find.rebuild()}_announce(){let{session:e}=this;e.playing&&e.speed>jl||(this.live.textContent=Is(e))}_key(e){let t=e.composedPath()[0];if(this.help.open)return;e.key==="Escape"&&Jn(t)&&this.leave();let s=Xr(e,t);if(s===null)return;let{session:r,graph:o}=this;({next:()=>r.next(),back:()=>r.back(),toggle:()=>r.toggle(),first:()=>r.first(),last:()=>r.last(),break:()=>r.runToBreak(),jump:()=>this.jump(),find:()=>this.find.focus(),table:()=>this.openTab("table"),leaves:()=>this.openTab("leaves"),fit:()=>o.fit(),zoomIn:()=>o.zoomBy(1.25),zoomOut:()=>o.zoomBy(1/1.25),tab:()=>this.panels[Number(e.key)-1]&&this.openTab(this.panels[Number(e.key)-1].name),escape:()=>this.exports.close()||r.select(null),help:()=>this._help()})[s](),e.preventDefault(),e.stopPropagation()}destroy(){this.session.pause(),this.scheduled&&cancelAnimationFrame(this.scheduled);for(let e of this.offs)e();this.themed.stop(),this.printing.stop(),this.graph.destroy?.(),this.frame.remove(),S(this.host,"data-wide",null)}};var Po=`/* The picture. Shades of gradients are those of src/glassgrad/draw/colours.py; other colours are the player's. */

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
`;var Il=40;function Bl(n,e,t){let{engine:s}=n;return Object.entries(e??{}).map(([r,o])=>[Number(r),Y(o)]).filter(([r,o])=>s.kind[r]===1&&!t.has(r)&&!Object.is(s.value[r],o))}function Go(n,e){let t=new Map,s=null,r=()=>n.document===n.whole,o=()=>{s=null;let c={...e.get("values")};for(let[h,d]of t)c[h]=d;t.clear(),e.set("values",c),e.save_changes()},i=({leaves:c,quiet:h})=>{if(!(h||!r())){for(let d of c)Number.isFinite(n.engine.value[d])&&t.set(d,n.engine.value[d]);s??=setTimeout(o,Il)}},a=()=>{r()&&n.setValues(Bl(n,e.get("values"),t),!0)},l=n.on("values",i);return e.on("change:values",a),a(),()=>{s!==null&&(clearTimeout(s),o()),l(),e.off("change:values",a)}}var Ro=`/* On paper: the title, the whole picture and what the open panel says. An exercise becomes a worksheet. */

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
`;var Fo=`/* The player's interface. Colours are properties, here and nowhere else; the picture uses them as well. They follow
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
`;var Do=null;function Wo(n,e,t){let s=g("div",{class:"glassgrad-player","data-lm-suppress-shortcuts":"true"});s.attachShadow({mode:"open"}),Do??=[Fo,Po,Ro].map(o=>{let i=new CSSStyleSheet;return i.replaceSync(o),i}),s.shadowRoot.adoptedStyleSheets=Do,n.append(s);let r=t.page?null:document.documentElement.lang;ce(ss({},t.search,r));try{let o=JSON.parse(e),i=ss(o,t.search,r);ce(i),s.lang=i,t.page&&(document.documentElement.lang=i),ds(o.messages);let a=new Yt(o),l=new ln(a,s,{...t,lang:i});return{session:a,app:l,destroy(){l.destroy(),s.remove()}}}catch(o){return s.shadowRoot.replaceChildren(g("p",{role:"alert",class:"ui-error"},u("app.cannot_start",{error:o.message}))),console.error(o),{session:null,app:null,destroy:()=>s.remove()}}}function Gl({model:n,el:e}){let t=null,s=()=>{},r=l=>{n.set("answers",l),n.save_changes()},o=()=>t?.app?.pythonSays(n.get("message")),i=()=>{a(),t=Wo(e,n.get("document"),{answered:r}),t.session&&(s=Go(t.session,n)),o()},a=()=>{s(),s=()=>{},t?.destroy(),t=null};return n.on("change:document",i),n.on("change:message",o),i(),()=>{n.off("change:document",i),n.off("change:message",o),a()}}function Rl(){let n=document.getElementById("glassgrad-document").textContent,e=document.querySelector("main");e||(e=g("main"),document.body.append(e)),document.body.style.margin="0",Wo(e,n,{page:!0,search:location.search})}globalThis.document?.documentElement.dataset.glassgrad==="page"&&Rl();var Nd={render:Gl};export{Nd as default};
