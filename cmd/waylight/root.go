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
			"Without a command it serves the dashboard on loopback, of the cluster of the current kubeconfig context. It only\n" +
			"reads; with --allow-log-level the dashboard can also raise the log level of a ztunnel for a while.\n\n" +
			"Each flag can be set in the environment too: --log-format is WAYLIGHT_LOG_FORMAT.",
		Example: "  waylight                                    # the dashboard\n" +
			"  waylight --bundle incident.tar.gz           # the dashboard of a recorded mesh\n" +
			"  waylight check                              # the findings, in this terminal\n" +
			"  waylight path --from shop/deployment/web --to shop/orders:80\n" +
			"  waylight logs --from shop/deployment/web --to shop/orders:80 --denied",
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
	root.AddCommand(serve, newCheck(src, getenv), newPath(src), newLogs(src, getenv), newVersion(), newGallery())
	return root
}
