package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waylight/waylight/server"
)

// newGallery serves every state of every page, for those who work on them.
func newGallery() *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:    "gallery",
		Short:  "Serve every state of every page",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := listen(cmd.Context(), address, cmd.Flags().Changed("listen"))
			if err != nil {
				return err
			}
			srv := server.New(server.Config{Version: buildVersion()})
			fmt.Fprintf(cmd.OutOrStdout(), "The gallery is on http://%s\n", l.Addr())
			return runHTTP(cmd.Context(), srv.GalleryServer(), l, srv.Close)
		},
	}
	cmd.Flags().StringVar(&address, "listen", defaultListen, "loopback address to serve on")
	return cmd
}
