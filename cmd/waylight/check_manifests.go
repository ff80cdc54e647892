package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/manifest"
	"github.com/waylight/waylight/views/text"
)

// severities are what --fail-on takes, worst first.
var severities = []string{string(analysis.Critical), string(analysis.Error), string(analysis.Warning), string(analysis.Info)}

// completeFixed makes the shell complete a flag from a fixed list.
func completeFixed(cmd *cobra.Command, flag string, values []string) {
	// The error is that the flag does not exist or is completed already.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// checkManifests is check without a cluster. How much was read goes to the
// error stream, so that the report stays what its form says.
func checkManifests(cmd *cobra.Command, src *sourceFlags, f *checkFlags) error {
	if src.bundle != "" || src.kubeconfig != "" || src.context != "" {
		return errors.New("-f judges manifests without a cluster: it excludes --bundle and the kubeconfig flags")
	}
	reporting, err := f.reporting()
	if err != nil {
		return err
	}
	set, err := manifest.Read(f.files, cmd.InOrStdin(), manifest.Options{Namespace: src.onlyNamespace(), Complete: f.complete})
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.ErrOrStderr(), readWords(set))
	return reporting.conclude(cmd, judgeManifests(set).In(src.scope()...))
}

// judgeManifests judges objects as of now and says where each piece of
// evidence stands.
func judgeManifests(set *manifest.Set) *analysis.Report {
	assembler := collectors.NewAssembler(nil, time.Now)
	set.Load(assembler)
	snap := assembler.Snapshot()
	report := analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
	for i := range report.Findings {
		list := report.Findings[i].Evidence
		for j := range list {
			list[j].File, list[j].Line, _ = set.Locate(list[j].Object, list[j].Field)
		}
	}
	return report
}

// onlyNamespace is where objects belong that name no namespace: the one that
// -n names, as with kubectl. Empty if it names none or several.
func (f *sourceFlags) onlyNamespace() string {
	if scope := f.scope(); len(scope) == 1 {
		return scope[0]
	}
	return ""
}

// readWords counts what was read, and names the kinds that were passed over.
func readWords(set *manifest.Set) string {
	s := fmt.Sprintf("Read %s from %s.", count(set.Len(), "object"), count(set.Files, "file"))
	var others []string
	for _, kind := range slices.Sorted(maps.Keys(set.Others)) {
		others = append(others, fmt.Sprintf("%d %s", set.Others[kind], text.Line(kind)))
	}
	if len(others) > 0 {
		s += " Of kinds that no check looks at: " + strings.Join(others, ", ") + "."
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
