package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh/meshtest"
)

const manifests = "testdata/manifests"

// found lists what `check -o json` says, as "CODE Kind namespace/name file:line".
func found(t *testing.T, stdout string) []string {
	t.Helper()
	var report struct {
		Findings []struct {
			Code     string
			Subject  struct{ Kind, Namespace, Name string }
			Evidence []struct {
				File string
				Line int
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	var out []string
	for _, f := range report.Findings {
		line, _ := json.Marshal(f.Evidence[0].Line)
		out = append(out, f.Code+" "+f.Subject.Kind+" "+f.Subject.Namespace+"/"+f.Subject.Name+" "+f.Evidence[0].File+":"+string(line))
	}
	return out
}

func TestManifestsAreCheckedWithoutACluster(t *testing.T) {
	denies := "AUTHZ_L7_DENIES_ALL AuthorizationPolicy shop/orders-get testdata/manifests/policies/orders.yaml:10"
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"what may be elsewhere is no finding", nil, []string{denies}},
		{"what is nowhere in the whole mesh is one", []string{"--complete"}, []string{
			denies,
			"WAYPOINT_NOT_FOUND Namespace /shop testdata/manifests/mesh.yaml:8",
			"AUTHZ_TARGET_NOT_FOUND AuthorizationPolicy shop/web testdata/manifests/policies/orders.yaml:20",
		}},
		{"without its namespace nobody knows what a policy reaches", []string{"-f", manifests + "/policies"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"check", "-o", "json"}, tt.args...)
			if !slices.Contains(args, "-f") {
				args = append(args, "-f", manifests)
			}
			code, stdout, stderr := command(t, nil, args...)
			got := found(t, stdout)
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, stderr)
			}
			if wrong := len(tt.want) > 0; wrong != (code == exitFindings) {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestManifestsThatAreReadAreCounted(t *testing.T) {
	_, _, stderr := command(t, nil, "check", "-f", manifests)
	if want := "Read 5 objects from 2 files. Of kinds that no check looks at: 1 Secret.\n"; stderr != want {
		t.Errorf("said %q, want %q", stderr, want)
	}
}

func TestEveryFormNamesFileAndLine(t *testing.T) {
	for _, form := range []string{"text", "markdown"} {
		if _, stdout, _ := command(t, nil, "check", "-f", manifests, "-o", form); !strings.Contains(strings.ReplaceAll(stdout, "\n            ", " "), manifests+"/policies/orders.yaml:10") {
			t.Errorf("%s names no line:\n%s", form, stdout)
		}
	}
	_, stdout, _ := command(t, nil, "check", "-f", manifests, "-o", "sarif")
	if !strings.Contains(stdout, `"uri": "testdata/manifests/policies/orders.yaml"`) || !strings.Contains(stdout, `"startLine": 10`) {
		t.Errorf("SARIF names no line:\n%s", stdout)
	}
}

func TestWhatCheckDoesNotTakeAsManifests(t *testing.T) {
	broken := file(t, "broken.yaml", []byte("kind: Service\nspec: [\n"))
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"broken YAML", []string{"-f", broken}, "broken.yaml:2: this is no YAML"},
		{"a cluster beside manifests", []string{"-f", manifests, "--bundle", "x"}, "excludes --bundle"},
		{"no such folder", []string{"-f", "nowhere"}, "nowhere: no such file"},
		{"a form nobody writes", []string{"-f", manifests, "-o", "xml"}, `"xml" is none of text, json, markdown, sarif`},
		{"the whole of what", []string{"--complete"}, "--complete goes with -f"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := command(t, nil, append([]string{"check"}, tt.args...)...)
			if code != exitFailed || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, out %q, err %q", code, stdout, stderr)
			}
		})
	}
}

func TestARecordingIsWrittenAsSARIF(t *testing.T) {
	path := file(t, "typo.tar.gz", meshtest.Recording("waypoint-label-typo"))
	code, stdout, _ := command(t, nil, "check", "--bundle", path, "-o", "sarif")
	if code != exitFindings || !strings.Contains(stdout, `"ruleId": "WAYPOINT_NOT_FOUND"`) || strings.Contains(stdout, "physicalLocation") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}

func TestFlagsOfCheckAreCompleted(t *testing.T) {
	for flag, want := range map[string]string{"--output": "sarif", "--fail-on": "critical"} {
		if _, stdout, _ := command(t, nil, "__complete", "check", flag, ""); !strings.Contains(stdout, want+"\n") {
			t.Errorf("%s is completed with %q", flag, stdout)
		}
	}
}
