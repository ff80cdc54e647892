package kube

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

const rolesFolder = "../../deploy/rbac"

func role(t *testing.T, file string) rbacv1.ClusterRole {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(rolesFolder, file))
	if err != nil {
		t.Fatal(err)
	}
	var out rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &out); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if out.Kind != "ClusterRole" || out.Name != "waylight-"+strings.TrimSuffix(file, ".yaml") {
		t.Errorf("%s is %s %q", file, out.Kind, out.Name)
	}
	return out
}

// granted lists the rights of a role as "verb resource".
func granted(r rbacv1.ClusterRole) []string {
	var out []string
	for _, rule := range r.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					out = append(out, verb+" "+strings.TrimSuffix(resource+"."+group, "."))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestViewRoleGrantsExactlyWhatIsRead(t *testing.T) {
	var want []string
	for _, k := range Kinds() {
		for _, verb := range []string{"get", "list", "watch"} {
			want = append(want, verb+" "+k.Resource)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, granted(role(t, "view.yaml"))); diff != "" {
		t.Errorf("view.yaml differs from Kinds() (-kinds +role):\n%s", diff)
	}
}

func TestOtherRolesGrantOneThingEach(t *testing.T) {
	for file, want := range map[string][]string{
		"logs.yaml":     {"get pods/log"},
		"proxies.yaml":  {"create pods/portforward", "get pods/portforward"},
		"loglevel.yaml": {"create pods/portforward", "get pods/portforward"},
	} {
		if diff := cmp.Diff(want, granted(role(t, file))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestNoRoleGrantsSecretsOrEverything(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(rolesFolder, "*.yaml"))
	if err != nil || len(files) < 4 {
		t.Fatalf("roles are %q, %v", files, err)
	}
	for _, file := range files {
		for _, right := range granted(role(t, filepath.Base(file))) {
			if strings.Contains(right, "secrets") || strings.Contains(right, "*") {
				t.Errorf("%s grants %q", file, right)
			}
		}
	}
}
