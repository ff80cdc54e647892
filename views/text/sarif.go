package text

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// SARIF writes a report as SARIF 2.1.0, which code hosts show beside the lines
// of a change: a rule for each code of the catalogue that was found, a result
// for each finding. Findings about a cluster have no file and name the object.
// The same report gives the same bytes. The error is the writer's.
func SARIF(w io.Writer, r *analysis.Report) error {
	log := sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{sarifRunOf(r)}}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(log)
}

func sarifRunOf(r *analysis.Report) sarifRun {
	rules := sarifRules(r)
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifDriver{Name: "Waylight", InformationURI: projectPage, Rules: rules}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, Notifications: sarifNotifications(r)}},
		Results:     []sarifResult{},
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		at := slices.IndexFunc(rules, func(rule sarifRule) bool { return rule.ID == f.Code })
		run.Results = append(run.Results, sarifResultOf(f, at))
	}
	return run
}

// projectPage is where the tool is explained.
const projectPage = "https://github.com/waylight/waylight"

// sarifRules are the entries of the catalogue that were found, by code.
func sarifRules(r *analysis.Report) []sarifRule {
	out := []sarifRule{}
	for _, c := range analysis.Checks() {
		if !slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Code == c.Code }) {
			continue
		}
		out = append(out, sarifRule{
			ID: c.Code, Name: c.Code, Short: sarifMessage{Text: c.Title + "."}, Full: sarifMessage{Text: c.Explanation},
			Help:    sarifMessage{Text: c.Explanation + "\n\nFires: " + c.Fires + "\nSilent: " + c.Silent + "\nCould be wrong: " + c.Doubt},
			HelpURI: projectPage + "/blob/main/docs/checks.md#" + strings.ToLower(c.Code),
			Default: sarifConfiguration{Level: sarifLevel(c.Severity)},
		})
	}
	return out
}

func sarifLevel(s analysis.Severity) string {
	switch s {
	case analysis.Critical, analysis.Error:
		return "error"
	case analysis.Warning:
		return "warning"
	case analysis.Info:
	}
	return "note"
}

func sarifResultOf(f *analysis.Finding, rule int) sarifResult {
	out := sarifResult{
		RuleID: f.Code, RuleIndex: rule, Level: sarifLevel(f.Severity),
		Message:      sarifMessage{Text: clean(f.Summary) + " " + clean(f.Detail) + "\n\n" + clean(f.Fix.Text)},
		Fingerprints: map[string]string{"waylight/v1": fingerprint(f)},
		Properties:   sarifProperties{Severity: string(f.Severity), Class: string(f.Class), Doubt: clean(f.Doubt)},
	}
	if f.CausedBy != nil {
		out.Properties.CausedBy = f.CausedBy.Code + " " + clean(f.CausedBy.Subject.String())
	}
	for i := range f.Evidence {
		e := &f.Evidence[i]
		location := sarifLocation{Physical: sarifFile(e), Logical: []sarifLogical{sarifObject(e.Object)}, Message: &sarifMessage{Text: evidence(e)}}
		// What the finding is about comes first: hosts show only one place.
		if first := len(out.Locations) == 0 && (e.Object == f.Subject || i == 0); first && location.Physical != nil {
			out.Locations = append(out.Locations, location)
			continue
		}
		out.Related = append(out.Related, location)
	}
	if len(out.Locations) == 0 {
		out.Locations = []sarifLocation{{Logical: []sarifLogical{sarifObject(f.Subject)}}}
	}
	return out
}

// fingerprint stays the same when lines move and words change: a finding is
// known by its code and subject.
func fingerprint(f *analysis.Finding) string {
	sum := sha256.Sum256([]byte(f.Code + "\x00" + f.Subject.Kind + "\x00" + f.Subject.Namespace + "\x00" + f.Subject.Name))
	return hex.EncodeToString(sum[:])
}

// sarifFile is nil for what stands in no file.
func sarifFile(e *analysis.Evidence) *sarifPhysical {
	if e.File == "" || e.Line < 1 || e.File == standardInput {
		return nil
	}
	return &sarifPhysical{Artifact: sarifArtifact{URI: sarifURI(e.File)}, Region: sarifRegion{StartLine: e.Line}}
}

func sarifObject(r mesh.Ref) sarifLogical {
	return sarifLogical{Name: clean(r.Name), FullyQualifiedName: clean(r.String()), Kind: "resource"}
}

// standardInput is a manifest's file where there is none.
const standardInput = "-"

// sarifURI writes a path as a relative reference, or as a file URI.
func sarifURI(path string) string {
	return uriOf(filepath.ToSlash(filepath.Clean(path)), filepath.IsAbs(path))
}

// sarifNotifications tell what was not judged, so that an empty list of results
// is not taken for proof.
func sarifNotifications(r *analysis.Report) []sarifNotification {
	out := []sarifNotification{}
	for _, h := range r.HeldBack {
		text := h.Code + " did not judge: "
		if h.Partly {
			text = h.Code + " judged in part: "
		}
		out = append(out, sarifNotification{Level: "note", Message: sarifMessage{Text: text + clean(h.Source) + " is " + string(h.State) + ". " + clean(h.Detail)}})
	}
	return out
}
