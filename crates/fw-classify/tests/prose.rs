//! What people write has one view: nothing is hidden in it.

use fw_classify::{View, ViewConfig, views};

fn all(text: &str) -> Vec<View> {
    views(text, &ViewConfig::new())
}

/// Sentences in languages of many kinds, as people write them.
const PROSE: [&str; 26] = [
    "The meeting has been moved to Thursday at 10:30, because two of us are still travelling. Please bring the figures for the third quarter, and let Mary know if you cannot make it!",
    "Können Sie mir bitte sagen, wie ich am schnellsten zum Bahnhof komme und ob ich dort auch nach zehn Uhr noch eine Fahrkarte für 2. Klasse kaufen kann?",
    "Je voudrais réserver une table pour quatre personnes, près de la fenêtre si c'est possible. Nous arriverons vers 20 h, peut-être un peu plus tard.",
    "¿Podría decirme a qué hora sale el próximo tren para Sevilla? Mañana tengo que estar allí antes de las 9:00 y no quiero llegar tarde.",
    "Ho comprato il pane, il latte e sei uova, ma ho dimenticato il burro. Se passi davanti al negozio, per favore prendine un po' anche per la nonna.",
    "O meu avô nasceu numa aldeia pequena no norte do país e mudou-se para a cidade quando tinha dezoito anos. Nunca mais voltou a viver no campo.",
    "De winkel op de hoek is vandaag gesloten, maar morgen kun je er vanaf acht uur weer terecht voor vers brood en koffie.",
    "Idag ska vi åka ut till stugan och plocka blåbär. Om det börjar regna stannar vi hemma och spelar kort i stället.",
    "Jeg har glemt nøglerne på kontoret, så jeg må vente på gaden, indtil min søster kommer hjem fra arbejde.",
    "Hän lähti eilen aamulla kalaan eikä ole vieläkään palannut, mutta järvellä on tyyntä ja lämmintä, joten kukaan ei ole huolissaan.",
    "W sobotę pojedziemy nad jezioro, jeżeli tylko pogoda dopisze. Weź ze sobą ciepły sweter, bo wieczorami bywa już chłodno.",
    "Včera jsme byli v divadle na nové hře, která se nám moc líbila. Potom jsme ještě zašli na večeři do malé restaurace u řeky.",
    "A könyvet, amelyet a múlt héten ajánlottál, már majdnem befejeztem. Nagyon tetszik, bár a vége felé kissé lassú.",
    "Mâine dimineață plecăm la munte cu trenul de la ora șase. Copiii sunt foarte nerăbdători și au făcut deja bagajele.",
    "Yarın sabah erkenden yola çıkacağız, çünkü öğleden sonra yağmur bekleniyor. Lütfen şemsiyeni ve kalın bir ceket al.",
    "Hôm qua trời mưa rất to nên chúng tôi ở nhà nấu ăn và xem phim. Cuối tuần này nếu trời đẹp chúng tôi sẽ đi leo núi.",
    "Kemarin saya pergi ke pasar untuk membeli sayur dan buah, tetapi lupa membawa dompet sehingga harus pulang lagi.",
    "Watoto wanacheza nje ya nyumba huku mama yao akipika chakula cha jioni. Baba atarudi kutoka kazini saa kumi na mbili.",
    "Завтра утром мы едем на дачу, а вечером, если не будет дождя, пожарим рыбу. Возьми с собой тёплую куртку и чай.",
    "Вчора я купив нову книжку про історію нашого міста. Її написав учитель, який живе на сусідній вулиці.",
    "Αύριο το πρωί θα πάμε στη θάλασσα με τα παιδιά. Αν έχει αέρα, θα μείνουμε σπίτι και θα μαγειρέψουμε κάτι ωραίο.",
    "غدا سنذهب إلى السوق لنشتري الخضار والفواكه، ثم نزور جدتي في بيتها القديم قرب النهر.",
    "מחר בבוקר ניסע לים עם הילדים, ואם ירד גשם נישאר בבית ונאפה עוגה.",
    "कल सुबह हम बच्चों के साथ नदी के किनारे घूमने जाएँगे। अगर बारिश हुई तो घर पर रहकर किताबें पढ़ेंगे।",
    "明天早上我们打算和孩子们一起去海边散步。如果下雨，就留在家里做饭、看书。听说那本书有三百二十页。",
    "明日の朝は子どもたちと海へ行くつもりです。雨が降ったら、家でケーキを焼いて映画を見ます。ティーシャツを忘れないでね。",
];

#[test]
fn prose_in_many_languages_has_one_view() {
    for text in PROSE.iter().copied().chain(["พรุ่งนี้เช้าเราจะไปเที่ยวทะเลกับเด็ก ๆ ถ้าฝนตกเราจะอยู่บ้านทำอาหารและดูหนัง", "내일 아침에 아이들과 함께 바다에 갈 거예요. 비가 오면 집에서 요리를 하고 영화를 볼 거예요."]) {
        let views = all(text);
        let paths: Vec<_> = views.iter().map(|view| (view.path(), view.text())).collect();
        assert_eq!(views.len(), 1, "{paths:?}");
    }
    let together = PROSE.join("\n\n");
    assert_eq!(all(&together).len(), 1);
}

#[test]
fn everyday_signs_are_no_encoding() {
    for text in [
        "Call me at +49 30 1234567 or 0171-2345678 between 9:00 and 17:30.",
        "https://example.org/a/b%20c?q=1&lang=en&id=550e8400-e29b-41d4-a716-446655440000",
        "The U.S.A. and the E.U. signed it, e.g. in Art. 5, i.e. a. b. c. d. and so on.",
        "x = y + z * 2 - w / v; i++; a[b] = c & d | e;",
        "fn main() { let mut v: Vec<u8> = Vec::new(); for i in 0..10 { v.push(i as u8); } println!(\"{v:?}\"); }",
        "commit 4c32ee2a2f7d7e0f4d8a9f0f5f9a3b1c2d3e4f50\nAuthor: Ann <ann@example.org>",
        "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |",
        "Scores: 12 34 56 78 90 11 22 33 44 55 66 77 88 99 100 101 102",
        "The model uses fp16, int8 and utf8; see h264, mp3, s3, ec2, k8s, i18n and the 2nd, 3rd, 4th and 11th.",
        "Tom &amp; Jerry &lt;b&gt;bold&lt;/b&gt; &quot;quoted&quot; &nbsp; caf&eacute;",
        "ACGTACGTTAGCTAGCTAGGATCGATCGATTAGC",
        "lorem-ipsum-dolor-sit-amet/and/or/both/internationalization",
        "<p>The <b>meeting</b> is on <i>Thursday</i>.</p><ul><li>one</li><li>two</li></ul><td>a</td><td>b</td> H<sub>2</sub>O",
        "String text = \"The meeting \" +\n    \"is on Thursday \" +\n    \"at ten.\"; log('a: ' + a + ', b: ' + b);",
        "print(\"yes\", \"no\") or [\"one\", \"two\", \"three\", \"four\"]",
        "/search?a=20&b=30&width=64px&size=4em&x=10&id=41&col=6Fa; a=45;b=65;c=61",
        "if a &lt; b &amp;&amp; b &gt; c: &lt;div class=&quot;x&quot;&gt; is &#60;div&#62;",
        "a, b, c, d, e, f and g; 1. 2. 3. 4. 5. 6. 7. - x - y - z - u - v - w",
        "10 20 30 40 50 60 70 71 72 73 74 75 76 77 100 101 102 103 110 120 130",
        "Then Paul told Anna that they will meet John next week, Mary said they know Jack well.",
        "naïve café, Ångström, smørrebrød, Łódź, Gdańsk, Škoda, Dvořák, São Paulo, Malmö, İzmir, Reykjavík",
        "C++ and A+ and 2+2, 1+1=2, B2B+B2C, 3+4+5, H2O+NaCl, utf8+bom, mp3+mp4",
        "👍 great 👍 work 👍 team 👍 well 👍 done 👍",
        "...... ------ ****** ______ ===== 🎉🎉🎉 👍🏽 👨‍👩‍👧‍👦 ❤️",
    ] {
        let views = all(text);
        let paths: Vec<_> = views
            .iter()
            .map(|view| (view.path(), view.text()))
            .collect();
        assert_eq!(views.len(), 1, "{paths:?}");
    }
}
