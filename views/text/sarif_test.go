package text_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/text"
)

var update = flag.Bool("update", false, "write testdata anew")

// locatedReport is a report on two manifests and one object of a cluster.
func locatedReport() *analysis.Report {
	policy := mesh.Ref{Kind: "AuthorizationPolicy", Namespace: "shop", Name: "orders"}
	s := mt.Mesh()
	r := &analysis.Report{At: s.At, Snap: s, Checks: 3, Ran: 1}
	r.Findings = []analysis.Finding{
		{
			Code: "AUTHZ_L7_DENIES_ALL", Severity: analysis.Critical, Class: analysis.Breaks, Subject: policy,
			Summary: "It admits nobody.", Detail: "All calls are refused.", Doubt: "None.", Fix: analysis.Fix{Text: "Use targetRefs."},
			Evidence: []analysis.Evidence{
				{Object: policy, Field: "spec.rules[0]", Text: "methods", File: "deploy/a policy.yaml", Line: 12},
				{Object: mesh.Ref{Kind: "Service", Namespace: "shop", Name: "orders"}, Field: "spec.ports", Text: "80", File: "/srv/web.yaml", Line: 3},
			},
		},
		{
			Code: "WAYPOINT_NOT_FOUND", Severity: analysis.Info, Class: analysis.Risk, Subject: mesh.Ref{Kind: "Namespace", Name: "shop"},
			Summary: "No such \x1b[31mGateway.", Detail: "Calls go direct.", Doubt: "None.", CausedBy: &analysis.Cause{Code: "AUTHZ_L7_DENIES_ALL", Subject: policy},
			Evidence: []analysis.Evidence{{Object: mesh.Ref{Kind: "Namespace", Name: "shop"}, Field: "metadata.labels", Text: "wp", File: "-", Line: 1}},
		},
	}
	r.HeldBack = []analysis.HeldBack{{Code: "CERT_EXPIRED", Source: "ztunnel/node-a", State: mesh.SourceDown, Detail: "It does not answer."}}
	return r
}

func TestSARIFIsWhatItWas(t *testing.T) {
	const golden = "testdata/report.sarif"
	var b strings.Builder
	if err := text.SARIF(&b, locatedReport()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-golden +got):\n%s", diff)
	}
}

// TestSARIFHasWhatTheSchemaRequires looks at what sarif-schema-2.1.0.json
// requires of the objects that are written, and at its enumerations.
func TestSARIFHasWhatTheSchemaRequires(t *testing.T) {
	for name, raw := range map[string]string{"findings": write(t, "sarif", halfCaptured()...), "none": write(t, "sarif", mt.Namespace("shop"))} {
		t.Run(name, func(t *testing.T) {
			var log object
			if err := json.Unmarshal([]byte(raw), &log); err != nil {
				t.Fatal(err)
			}
			log.needs(t, "version", "runs")
			if log["version"] != "2.1.0" {
				t.Errorf("version %v", log["version"])
			}
			for _, run := range log.list("runs") {
				run.needs(t, "tool", "results")
				driver := run.at("tool").at("driver")
				driver.needs(t, "name")
				rules := driver.list("rules")
				for _, rule := range rules {
					rule.needs(t, "id")
					rule.at("shortDescription").needs(t, "text")
				}
				for _, i := range run.list("invocations") {
					i.needs(t, "executionSuccessful")
				}
				for _, result := range run.list("results") {
					resultIsWhole(t, result, rules)
				}
			}
		})
	}
}

func resultIsWhole(t *testing.T, result object, rules []object) {
	t.Helper()
	result.needs(t, "message", "ruleId", "level", "locations", "partialFingerprints")
	result.at("message").needs(t, "text")
	if level := result["level"]; level != "error" && level != "warning" && level != "note" {
		t.Errorf("level %v", level)
	}
	if i, ok := result["ruleIndex"].(float64); !ok || int(i) >= len(rules) || rules[int(i)]["id"] != result["ruleId"] {
		t.Errorf("ruleIndex %v is not that of %v", result["ruleIndex"], result["ruleId"])
	}
}

// object is a JSON object.
type object map[string]any

func (o object) needs(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if o[key] == nil {
			t.Errorf("%s is missing in %v", key, o)
		}
	}
}

func (o object) at(key string) object {
	inner, _ := o[key].(map[string]any)
	return inner
}

func (o object) list(key string) []object {
	var out []object
	all, _ := o[key].([]any)
	for _, one := range all {
		if inner, ok := one.(map[string]any); ok {
			out = append(out, inner)
		}
	}
	return out
}
