package server

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/server/browsertest"
)

func TestTheFilterWorksWhileTypingAndIsTheAddress(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, append(logLines(0, 3, "apple"), logLines(3, 6, "pear")...)...)
	p.WaitFor(t, "six rows", meanings+`.length === 6`)

	p.typed(t, "include", "^pear [35]")
	p.waitForRows(t, "pear 3", "pear 5")
	p.waitForText(t, "[data-logs-count]", "2 of 6 lines")
	p.typed(t, "include", "(unclosed")
	p.waitForText(t, "[data-problem=include]", "Not a regular expression")
	p.waitForRows(t, "pear 3", "pear 5")
	if got := browsertest.Eval[string](t, p.Tab, `new URLSearchParams(location.search).get("include")`); got != "^pear [35]" {
		t.Errorf("the address has the filter %q, want the one that holds", got)
	}
	p.typed(t, "include", "(?i)APPLE")
	p.waitForRows(t, "apple 0", "apple 1", "apple 2")
	p.typed(t, "exclude", "[12]$")
	p.waitForRows(t, "apple 0")
	p.typed(t, "mark", "pp")
	p.WaitFor(t, "what is looked for is marked", `document.querySelector(".logs-sheet mark")?.textContent === "pp"`)

	p.Do(t, chromedp.Reload())
	again := p.stream(t)
	again.give(t, append(logLines(0, 3, "apple"), logLines(3, 6, "pear")...)...)
	p.waitForRows(t, "apple 0")
	p.contented(t)
}

func TestABadExpressionOfAnAddressHidesNothingAndTheRestHolds(t *testing.T) {
	p, st := openLogs(t, 1400, "&include=%28&exclude=pear")
	st.give(t, append(logLines(0, 2, "apple"), logLines(2, 4, "pear")...)...)
	p.waitForRows(t, "apple 0", "apple 1")
	p.waitForText(t, "[data-problem=include]", "Not a regular expression")
}

// A browser's own expressions would take longer than the world is old.
func TestAnExpressionThatNeverEndsElsewhereLeavesThePageAlive(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	var events []mesh.LogEvent
	for n := range 200 {
		events = append(events, lineAt(ztunnelTarget(), n, strings.Repeat("a", 4<<10)+"!"))
	}
	st.give(t, append(events, logLines(200, 203, "aaa")...)...)
	p.waitForText(t, "[data-logs-count]", "203 lines")
	p.typed(t, "mark", "(a|aa)+")
	p.typed(t, "exclude", "(a+)+$")
	p.waitForText(t, "[data-logs-count]", "203 lines")
	p.typed(t, "include", `(a+)+ \d+$`)
	p.waitForRows(t, "aaa 200", "aaa 201", "aaa 202")
	p.WaitFor(t, "what matches is marked", `document.querySelector(".logs-sheet mark")?.textContent === "aaa"`)
	p.key(t, " ")
	p.waitForText(t, "[data-logs-status]", "paused")
	p.contented(t)
}

func TestWhatIsWrongWithAnExpressionStandsBesideIt(t *testing.T) {
	p, st := openLogs(t, 1400, "")
	st.give(t, logLines(0, 2, "apple")...)
	p.waitForRows(t, "apple 0", "apple 1")
	for typed, want := range map[string]string{
		"(":                        "Not a regular expression (RE2): missing closing ).",
		"(?=a)":                    "Not a regular expression (RE2): invalid or unsupported Perl syntax.",
		"(.{0,400}[a-z]{0,400})+z": "it repeats too much to be tried on every line.",
		strings.Repeat("a", 1025):  "Longer than 1,024 letters.",
	} {
		p.typed(t, "include", typed)
		p.waitForText(t, "[data-problem=include]", want)
		p.waitForRows(t, "apple 0", "apple 1")
	}
	p.typed(t, "include", "apple 1")
	p.waitForRows(t, "apple 1")
	p.WaitFor(t, "nothing is wrong any more", `document.querySelector("[data-problem=include]").hidden && !document.querySelector("[name=include]").hasAttribute("aria-invalid")`)
	p.contented(t)
}

func TestPlainWordsAreFoundWithoutTheReaderOfExpressions(t *testing.T) {
	p, st := openLogs(t, 1400, "&exclude=pear")
	browsertest.Eval[bool](t, p.Tab, `(() => { document.getElementById("logs").dataset.engine = "/static/none.js"; return true })()`)
	st.give(t, append(logLines(0, 2, "apple"), logLines(2, 4, "pear")...)...)
	p.waitForRows(t, "apple 0", "apple 1")
	p.typed(t, "include", "apple 1")
	p.waitForRows(t, "apple 1")
	p.typed(t, "include", "apple [01]")
	p.waitForText(t, "[data-problem=include]", "could not be loaded. Plain words work.")
	p.waitForRows(t, "apple 1")
}

// What a page shows is what the same filter sends over a stream.
func TestABrowserReadsExpressionsAsTheServerDoes(t *testing.T) {
	p, _ := openLogs(t, 1400, "")
	expressions := []string{
		"apple", "(?i)APPLE", "^pear [35]", `\bpe`, `\.`, `\-`, "[[:digit:]]+", `\pL\d`, "(?P<fruit>a)", "(?<fruit>a)", "(?s)a.b", "a.b", "(?m)^b", "^b$",
		`\Qa.b\E`, `\x{e9}`, "é+", "(?i)É", "(?i)straße", "[^a-z ]", "a{2,3}", "(?U)a+", `\z`, `\A`, "x*", "a|b|", "[a-c-e]", `[\]]`, "", "{", "a{,2}", "a{1", "]", "^*",
		"(", ")", "a**", "[z-a]", `\8`, "(?=a)", "(?!a)", "(?<=a)", "x{1001}", "a{2,1}", `\Z`, `\C`, `\p{Nope}`, "[", "*", "(?z)", `\`, "(?P<1>a)", "a++", `\k<a>`, `\u0061`, `\h`, `[a\Qb\E]`,
	}
	lines := []string{"apple", "APPLE 1", "pear 3", "a.b", "a\nb", "b", "é", "É", "STRASSE straße", "aaa", "x-y", "]{a{1", "", "日本語 7", "a{,2}", "𝒳 y"}
	want := make(map[string]string, len(expressions))
	for _, e := range expressions {
		want[e] = "refused"
		if re, err := regexp.Compile(e); err == nil {
			want[e] = ""
			for _, l := range lines {
				want[e] += fmt.Sprint(re.MatchString(l), re.FindString(l), ",")
			}
		}
	}
	asked, err := json.Marshal([][]string{expressions, lines})
	if err != nil {
		t.Fatal(err)
	}
	browsertest.Eval[bool](t, p.Tab, fmt.Sprintf(`(() => { import(document.getElementById("logs").dataset.engine).then(({ compile }) => {
		const [expressions, lines] = %s;
		const tried = (text) => { try { const e = compile(text); return lines.map((line) => { const [[from, to] = [0, 0]] = e.finds(line); return e.test(line) + " " + line.slice(from, to) + "," }).join("") } catch { return "refused" } };
		window.tried = JSON.stringify(Object.fromEntries(expressions.map((e) => [e, tried(e)]))) }); return true })()`, asked))
	p.WaitFor(t, "all were tried", `window.tried !== undefined`)
	got := map[string]string{}
	if err := json.Unmarshal([]byte(browsertest.Eval[string](t, p.Tab, `window.tried`)), &got); err != nil {
		t.Fatal(err)
	}
	for e := range want {
		want[e], got[e] = strings.ReplaceAll(want[e], " ", ""), strings.ReplaceAll(got[e], " ", "")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("server (-) and browser (+):\n%s", diff)
	}
}
