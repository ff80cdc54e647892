package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newRoot builds the command line. The root itself is serve: who types
// "waylight" wants the dashboard.
func newRoot(getenv func(string) (string, bool)) *cobra.Command {
	root := &cobra.Command{
		Use:   "waylight",
		Short: "On-call dashboard for Istio ambient mesh",
		Long: "Waylight says which hop of an Istio ambient mesh breaks a call, why, what proves it and what to type next.\n" +
			"It only reads, but for a log level if you allow that. Without a subcommand it serves the dashboard on loopback.",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return applyEnv(cmd.Flags(), getenv)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %q", err, cmd.CommandPath()+" --help")
	})
	src := addSourceFlags(root.PersistentFlags())
	serve := newServe(src)
	// The root takes serve's flags and runs it.
	root.Args, root.RunE = cobra.NoArgs, serve.RunE
	root.Flags().AddFlagSet(serve.Flags())
	root.AddCommand(serve, newCheck(src), newPath(src), newLogs(src, getenv), newVersion(), newGallery())
	return root
}
