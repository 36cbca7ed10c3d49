package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"inkan/scenarios/authority"
	"inkan/server/binding"
)

func newCAServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve an authority: lists and OCSP over HTTP, signed messages over mutual TLS",
		Long: `Serves the authority of --dir until Ctrl-C. Over HTTP it publishes revocation lists
(made anew each day), OCSP (made anew each quarter of an hour, and signed live for
questions with a nonce) and the authorities' certificates. Over TLS 1.3 with
certificates on both sides it takes the signed messages of spec/TSM-PROTOCOL.md.

Keys are those of "inkan ca ceremony", opened by --passphrase-file or --share. With
--test-keys they are the published ones: whoever has this program can sign with them.
Then the folder "tsm" of --dir has TLS certificates and keys for messages of a service
manager, a help desk and a municipality, and the public keys in parties.json.

With keys of a ceremony, messages are served where --tls-cert, --tls-key,
--tls-clients (who has issued the clients' certificates) and --parties (JSON: a list
of party, role, keyId, publicKey, and for a municipality its code) say so; orders are
placed for the applet's load files of --load-file, and for SIM cards of --sims.

--notify says where a service manager is told of changes that it has not asked for.
What it does not acknowledge is told again, after a restart too.`,
		Example: `  inkan ca serve --dir /tmp/ca --test-keys
  inkan ca serve --dir /srv/ca --share s1.txt --share s3.txt --listen 0.0.0.0:80
  inkan ca serve --dir /tmp/ca --test-keys --notify sp-tsm.inkan.example=https://127.0.0.1:8582
  openssl ocsp -url http://127.0.0.1:8580/auth -issuer ca.pem -CAfile ca.pem -cert cert.pem`,
		Args: noArgs,
		RunE: serveCA,
	}
	folderFlag(cmd)
	passphraseFlags(cmd)
	f := cmd.Flags()
	f.String("listen", "127.0.0.1:8580", "HOST:PORT of the publication over HTTP")
	f.String("tsm-listen", "127.0.0.1:8581", "HOST:PORT of the messages over mutual TLS")
	f.Bool("test-keys", false, "use the published test keys: for laboratories only")
	f.String("tls-cert", "", "certificate chain of the message service, PEM")
	f.String("tls-key", "", "its key, PEM (default: in the same file)")
	f.String("tls-clients", "", "who has issued the clients' TLS certificates, PEM")
	f.StringArray("load-file", nil, "CAP file of the applet that orders are placed for, or the SHA-256 of its load file in hex, as \"inkan cap inspect\" shows it (default with test keys: any)")
	f.StringArray("notify", nil, "PARTY=URL of a service manager that is told of changes")
	f.String("tls-servers", "", "who has issued the certificates of those that are told, PEM (default: that of --tls-clients)")
	f.String("sims", "", "attestation keys of SIM cards, JSON: a list of sim (in hex) and publicKey")
	f.Bool("unattested", false, "take SIM cards that attest nothing")
	f.String("parties", "", "keys of the parties that may send messages, JSON")
	return cmd
}

func serveCA(cmd *cobra.Command, _ []string) error {
	folder, err := folderOf(cmd)
	if err != nil {
		return err
	}
	for _, name := range []string{"listen", "tsm-listen"} {
		if address, _ := cmd.Flags().GetString(name); !isAddress(address) {
			return fmt.Errorf("%w: --%s %s: want HOST:PORT", errUsage, name, address)
		}
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return serveAuthority(ctx, cmd, folder)
}

func isAddress(s string) bool {
	_, _, err := net.SplitHostPort(s)
	return err == nil
}

// serveAuthority serves until the context ends.
func serveAuthority(ctx context.Context, cmd *cobra.Command, folder authority.Folder) (err error) {
	var one sync.Mutex // faults come from many goroutines
	say := func(format string, args ...any) {
		one.Lock()
		defer one.Unlock()
		fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	}
	config, err := keysOf(cmd, folder)
	if err != nil {
		return err
	}
	config.Fault = func(err error) { say("fault: %v", err) }
	if err := cardsOf(cmd, &config); err != nil {
		return err
	}
	services, err := messagesOf(cmd, folder, &config)
	if err != nil {
		return err
	}
	a, err := authority.Open(ctx, config)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { err = errors.Join(stopped(ctx, err), a.Close()) }()
	for _, i := range a.Issuers() {
		if i.Responder != nil {
			say("%v, to %s; OCSP responder to %s", i, i.Certificate.NotAfter.Format(time.DateOnly), i.Responder.Certificate.NotAfter.Format(time.DateOnly))
		}
	}
	address, _ := cmd.Flags().GetString("listen")
	if services.Publication, err = net.Listen("tcp", address); err != nil {
		return err
	}
	say("lists, OCSP and certificates: http://%s/crl/… /auth /sign /ca/authca01.cer", services.Publication.Addr())
	if services.TLS == nil {
		say("messages: not served: --tls-cert, --tls-clients and --parties say how")
		return a.Serve(ctx, services)
	}
	address, _ = cmd.Flags().GetString("tsm-listen")
	if services.Messages, err = net.Listen("tcp", address); err != nil {
		return errors.Join(err, services.Publication.Close())
	}
	say("messages: https://%s%s, signed answers by the key %s", services.Messages.Addr(), binding.Path, a.Key.ID)
	for _, text := range lanes(&config) {
		say("%s", text)
	}
	return a.Serve(ctx, services)
}

// stopped is an error, or none when somebody has ended the program.
func stopped(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// keysOf is the configuration with the keys that the flags name.
func keysOf(cmd *cobra.Command, folder authority.Folder) (c authority.Config, err error) {
	test, _ := cmd.Flags().GetBool("test-keys")
	passphrase, err := passphraseOf(cmd)
	if err != nil {
		return c, err
	}
	defer clear(passphrase)
	switch {
	case test && passphrase != nil:
		return c, fmt.Errorf("%w: test keys have no passphrase", errUsage)
	case test && folder.HasKeys():
		return c, fmt.Errorf("%s has keys of a ceremony: an authority has either those or the test keys; choose another folder", folder)
	case test:
		return folder.Config(nil, nil, time.Now)
	case !folder.HasKeys():
		return c, fmt.Errorf("%s has no keys: hold a ceremony (inkan ca ceremony --dir %s …), or use the published ones with --test-keys", folder, folder)
	case passphrase == nil:
		return c, fmt.Errorf("%w: the keys of %s need --passphrase-file, or --share for each share", errUsage, folder)
	}
	fmt.Fprintln(cmd.OutOrStdout(), "opening the keys")
	store, secret, err := folder.OpenKeys(passphrase)
	if err != nil {
		return c, err
	}
	return folder.Config(store, secret, time.Now)
}

// messagesOf is how messages are served; without TLS they are not.
func messagesOf(cmd *cobra.Command, folder authority.Folder, c *authority.Config) (l authority.Listeners, err error) {
	get := func(name string) string { value, _ := cmd.Flags().GetString(name); return value }
	certificate, key, clients, parties := get("tls-cert"), get("tls-key"), get("tls-clients"), get("parties")
	if test, _ := cmd.Flags().GetBool("test-keys"); test && certificate == "" && clients == "" && parties == "" {
		lab, err := folder.Laboratory(time.Now())
		if err != nil {
			return l, err
		}
		certificate, clients, parties = filepath.Join(lab, "server.tls.pem"), filepath.Join(lab, "tls-ca.pem"), filepath.Join(lab, "parties.json")
	}
	if certificate == "" && clients == "" && parties == "" {
		if cmd.Flags().Changed("notify") {
			err = fmt.Errorf("%w: --notify needs --tls-cert, --tls-clients and --parties", errUsage)
		}
		return l, err
	}
	if certificate == "" || clients == "" || parties == "" {
		return l, fmt.Errorf("%w: messages need all of --tls-cert, --tls-clients and --parties", errUsage)
	}
	if key == "" {
		key = certificate
	}
	own, err := authority.ReadTLS(certificate, key)
	if err != nil {
		return l, err
	}
	pool, err := authority.ReadPool(clients)
	if err != nil {
		return l, err
	}
	if c.Parties, c.Offices, err = authority.ReadParties(parties); err != nil {
		return l, err
	}
	l.TLS = binding.ServerTLS(own, pool)
	if servers := get("tls-servers"); servers != "" {
		if pool, err = authority.ReadPool(servers); err != nil {
			return l, err
		}
	}
	c.Peers, err = peersOf(cmd, binding.NewClient(binding.ClientTLS(own, pool)))
	return l, err
}
