"""Lists of English words by what is spoken of: the body, the house, the land, dealings with others, staying, making."""

from __future__ import annotations

from benchmarks.labels.rules.word_lists import said_in

is_body_word = said_in(
    "hand hands head heads eye eyes face faces arm arms leg legs foot feet finger fingers hair heart hearts body "
    "bodies mouth tongue teeth tooth nose ear ears neck shoulder shoulders knee knees skin blood bone bones brain "
    "breath voice lips chest stomach muscle muscles lung lungs"
)
is_household_word = said_in(
    "house houses home room rooms kitchen door doors window windows wall walls floor roof stairs garden gate table "
    "tables chair chairs bed lamp light lights fire stove shelf box boxes bag basket cup cups plate glass bottle "
    "knife clock key keys coat shoes shirt hat cloth rope bell"
)
is_landscape_word = said_in(
    "river rivers sea seas lake lakes ocean water waters rain snow wind winds storm cloud clouds sky sun moon star "
    "stars hill hills mountain mountains valley field fields forest forests tree trees leaf leaves grass island "
    "islands coast shore harbour road roads street path bridge stone stones sand earth land soil ice weather"
)
is_judging_word = said_in(
    "good better best bad worse worst fine nice true false right wrong important possible impossible easy hard "
    "difficult simple clear strange beautiful happy sad sure certain able free real useful strong weak rich poor "
    "safe dangerous common rare special quiet careful kind"
)
is_dealings_word = said_in(
    "work works job money price prices cost costs trade market shop shops office school schools book books letter "
    "letters paper papers page story stories news law laws state states government war company business bank train "
    "ship boat car town towns city cities village country world"
)
is_indefinite = said_in(
    "something anything everything someone anyone everyone somebody anybody everybody thing things way ways kind "
    "sort case part parts place places point side end other others same such own any some all lot rest"
)
is_staying = said_in(
    "sit sits sat sitting stand stands stood standing lie lies lay lying stay stays stayed live lives lived living "
    "keep keeps kept hold holds held wait waits waited waiting sleep sleeps slept rest rests rested remain remains "
    "remained seem seems seemed become becomes became look looks looked looking feel feels felt appear appears "
    "appeared"
)
is_making = said_in(
    "make makes made making build builds built building cut cuts use uses used using work worked working find finds "
    "found show shows showed shown give gives gave given get gets got getting try tried need needs needed want wants "
    "wanted buy bought sell sold pay paid learn learned start started begin begins began begun change changed grow "
    "grows grew"
)
is_demonstrative = said_in("this that these those there")
is_possessive = said_in("my your his her its our their")
is_subordinator = said_in("if because although though unless until since while than so")
