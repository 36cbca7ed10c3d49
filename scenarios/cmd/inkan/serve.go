package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"inkan/scenarios/laboratory/folder"
	lab "inkan/scenarios/laboratory/serve"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a laboratory in real time: authority, SP-TSM, MNO-TSMs, bank, on the disk and behind TLS",
		Long: `Serves all parties but the phones until Ctrl-C: the authority with its lists and OCSP,
the SP-TSM, an MNO-TSM for each carrier and the MVNO with their short message service,
a bank, and a shop that gives SIMs to phones. They listen on free ports of the loopback
interface and speak to each other by signed messages over mutual TLS; DIR/serve.json
says where. "inkan phone --dir DIR" is a phone for it.

Everything stays in DIR and goes on there when it is served again, however it ended.
What is there is checked first, and a store that is not right is refused. "inkan ca
check --dir DIR/ca" and "inkan tsm check --store DIR/sp-tsm" look at it while nobody
serves.

TEST ONLY: the authority has the published test keys, and the keys of all others lie
in DIR/keys.`,
		Example: "  inkan serve --dir /tmp/laboratory\n  inkan phone --dir /tmp/laboratory --profile hayate",
		Args:    noArgs,
		RunE:    serveLaboratory,
	}
	laboratoryFlag(cmd)
	return cmd
}

func laboratoryFlag(cmd *cobra.Command) { cmd.Flags().String("dir", "", "folder of the laboratory") }

func laboratoryOf(cmd *cobra.Command) (folder.Folder, error) {
	path, _ := cmd.Flags().GetString("dir")
	if path == "" {
		return "", fmt.Errorf("%w: --dir is missing: the folder of the laboratory", errUsage)
	}
	path, err := filepath.Abs(path)
	return folder.Folder(path), err
}

func serveLaboratory(cmd *cobra.Command, _ []string) error {
	f, err := laboratoryOf(cmd)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var one sync.Mutex // parties speak at the same time
	say := func(text string) {
		one.Lock()
		defer one.Unlock()
		fmt.Fprintln(cmd.OutOrStdout(), text)
	}
	return stopped(ctx, serveFolder(ctx, f, say))
}

// serveFolder serves a laboratory until the context ends.
func serveFolder(ctx context.Context, f folder.Folder, say func(string)) error {
	say("opening what is in " + string(f))
	l, err := lab.Open(ctx, lab.Config{Folder: f, Say: say})
	if err != nil {
		if strings.Contains(err.Error(), "resource temporarily unavailable") {
			err = fmt.Errorf("%s is in use; does another process serve it? %w", f, err)
		}
		return err
	}
	return errors.Join(l.Serve(ctx), l.Close())
}
