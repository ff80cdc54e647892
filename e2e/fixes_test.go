package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/recording"
)

// fix is what a finding advises, as `check -o json` has it.
type fix struct {
	Code string
	Fix  struct {
		Commands []string
		Changes  int
	}
}

// recordings are the names of all recorded meshes of the project.
func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../mesh/meshtest/recordings/*.tar.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".tar.gz")
	}
	return files
}

// fixesOf are the commands of every finding of a recording.
func fixesOf(t *testing.T, name string) []fix {
	t.Helper()
	check := exec.Command(cluster.Program(t, "waylight"), "check", "--bundle", "../mesh/meshtest/recordings/"+name+".tar.gz", "-o", "json")
	check.Stderr = os.Stderr
	text, err := check.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatal(err)
	}
	var report struct{ Findings []fix }
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report.Findings
}

// TestFixCommands types every command of every finding of every recording, with a real kubectl, into an API server that
// has the recording's objects. What would change something is only tried.
func TestFixCommands(t *testing.T) {
	kubectl := cluster.Program(t, "kubectl")
	for _, name := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			fixes := fixesOf(t, name)
			if len(fixes) == 0 {
				t.Skip("nothing is found in this recording")
			}
			k := kubelet.Start(t)
			c := cluster.Start(t, cluster.Config{KubeletPort: k.Port(), Users: []string{cluster.Admin}})
			recording.Open(t, name).Revive(t, c, k)
			shell := typist{kubectl: kubectl, kubeconfig: c.Kubeconfig(t, cluster.Admin), counts: make(map[string]int), seen: make(map[string]bool)}
			for _, f := range fixes {
				for i, command := range f.Fix.Commands {
					shell.enter(t, f.Code, command, i >= len(f.Fix.Commands)-f.Fix.Changes)
				}
			}
			t.Logf("fix commands of %s: %s", name, shell.summary())
		})
	}
}

// typist runs command lines and counts them by verb. The same line is run once.
type typist struct {
	kubectl, kubeconfig string
	counts              map[string]int
	seen                map[string]bool
}

// changing are the verbs that change something. All but rollout know --dry-run.
var changing = []string{"annotate", "apply", "create", "delete", "label", "patch", "rollout", "scale", "set"}

// inContainers are the verbs that need a container that runs: of them only the flags are looked at.
var inContainers = []string{"exec", "port-forward", "attach"}

func (s *typist) enter(t *testing.T, code, line string, changes bool) {
	t.Helper()
	if s.seen[line] {
		return
	}
	s.seen[line] = true
	words, err := shellWords(t.Context(), line)
	if err != nil {
		t.Errorf("%s: %s: %v", code, line, err)
		return
	}
	if words[0] != "kubectl" {
		s.counts["of other programs"]++
		return
	}
	verb, args := verbOf(words[1:]), words[1:]
	s.counts[verb]++
	if changes != slices.Contains(changing, verb) {
		t.Errorf("%s: %s: said to change something: %t", code, line, changes)
	}
	switch {
	case slices.Contains(inContainers, verb):
		args = append([]string{"--help"}, args...)
	case changes && verb != "rollout":
		args = append(slices.Clone(args), "--dry-run=client")
	}
	if problem := s.run(t.Context(), args); problem != "" {
		t.Errorf("%s: %s: %s", code, line, problem)
	}
}

// patience is for one command; one that follows something is ended by it, and was understood.
const patience = 20 * time.Second

// run answers what kubectl complains of, empty where it understood.
func (s *typist) run(ctx context.Context, args []string) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out bytes.Buffer
	command := exec.CommandContext(ctx, s.kubectl, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig)
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	text := out.String()
	if err == nil || ctx.Err() != nil || understood(text) {
		return ""
	}
	return fmt.Sprintf("%v: %s", err, text)
}

// understood tells the complaints that are about the cluster of this test from those about the command: an object may be
// gone, nobody measures pods, and no container runs.
func understood(text string) bool {
	return slices.ContainsFunc([]string{"(NotFound)", "Metrics API not available", "the server is currently unable to handle the request", "is waiting to start", "previous terminated container"}, func(known string) bool {
		return strings.Contains(text, known)
	})
}

// verbOf is the first word that is no flag, and no value of one.
func verbOf(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-n" || args[i] == "--namespace" || args[i] == "--context":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}

// shellWords splits a line as a shell does. xargs knows the same quotes and runs nothing of what it reads.
func shellWords(ctx context.Context, line string) ([]string, error) {
	split := exec.CommandContext(ctx, "xargs", "printf", `%s\0`)
	split.Stdin = strings.NewReader(line)
	out, err := split.Output()
	if err != nil {
		return nil, fmt.Errorf("it cannot be split into words: %w", err)
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if words[0] == "" {
		return nil, errors.New("there is no command")
	}
	return words, nil
}

func (s *typist) summary() string {
	var parts []string
	for _, verb := range slices.Sorted(maps.Keys(s.counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", s.counts[verb], verb))
	}
	return strings.Join(parts, ", ")
}

func TestShellWords(t *testing.T) {
	for line, want := range map[string][]string{
		"kubectl get pods":          {"kubectl", "get", "pods"},
		`kubectl -p '{"a": "b c"}'`: {"kubectl", "-p", `{"a": "b c"}`},
		`kubectl label a 'b'\''c'`:  {"kubectl", "label", "a", "b'c"},
	} {
		if got, err := shellWords(t.Context(), line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is %q (%v), want %q", line, got, err, want)
		}
	}
	if _, err := shellWords(t.Context(), "kubectl 'get"); err == nil {
		t.Error("an open quote is understood")
	}
}
