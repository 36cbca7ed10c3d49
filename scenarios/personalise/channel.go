package personalise

import (
	"context"
	"crypto/sha256"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
)

// open takes the bearer that protects by itself, if there is one; else it
// selects an application and opens a channel with it, at the level of the
// configuration: unless it says otherwise everything encrypted, with MACs on
// commands and, over SCP03, on responses.
func (r *run) open(ctx context.Context, name string, aid gp.AID) error {
	r.close()
	if r.Over != nil {
		r.secured = &r.over
		return nil
	}
	return r.step(ctx, "OPEN CHANNEL", fmt.Sprintf("SCP%02d, %s", r.SCP, name), func(ctx context.Context) error {
		if _, err := gp.Exchange(ctx, &r.card, gp.Select{Name: aid.Append(nil)}, nil); err != nil {
			return err
		}
		host, err := r.handshake(ctx)
		if err != nil {
			return err
		}
		r.host, r.secured = host, &scp.Secured{Host: host, Card: &r.card}
		return nil
	})
}

func (r *run) handshake(ctx context.Context) (scp.Host, error) {
	r.sessions++
	source := entropy.Seeded(r.Seed, fmt.Sprintf("personaliser/session %d", r.sessions))
	if r.SCP == gp.SCP02 {
		return scp02.Open(ctx, &r.card, scp02.HostConfig{Options: scp02.Options(r.SCP02I), Keys: scp02.FixedKeys(r.Keys), KeyVersion: r.Keys.Version,
			Level: r.Level, Entropy: source})
	}
	return scp03.Open(ctx, &r.card, scp03.HostConfig{Keys: scp03.FixedKeys(r.Keys), KeyVersion: r.Keys.Version,
		Level: r.Level, Entropy: source})
}

func (r *run) close() {
	if r.host != nil {
		r.host.Close()
	}
	r.host, r.secured = nil, nil
}

// load loads and installs the application by the commands of card content
// management.
func (r *run) load(ctx context.Context) error {
	detail := bytesOf(r.LoadFile)
	err := r.step(ctx, "LOAD", detail, func(ctx context.Context) error {
		announced := gp.Install{Purpose: gp.ForLoad, LoadFile: jpki.AIDPackage}
		if r.Token != nil {
			hash := sha256.Sum256(r.LoadFile)
			announced.SecurityDomain, announced.Hash = r.Domain, hash[:]
		}
		if _, err := r.manage(ctx, announced); err != nil {
			return fmt.Errorf("INSTALL [for load]: %w", err)
		}
		file, err := (&gp.LoadFile{Content: r.LoadFile}).Append(nil)
		if err != nil {
			return err
		}
		blocks, err := gp.LoadBlocks(file, r.BlockBytes)
		if err != nil {
			return err
		}
		var answer []byte
		for b := range blocks {
			if answer, err = gp.Exchange(ctx, r.secured, b, nil); err != nil {
				return fmt.Errorf("LOAD %02X: %w", b.Number, err)
			}
		}
		return r.confirmed(answer, gp.LoadReceipt(jpki.AIDPackage, r.Domain))
	})
	if err != nil {
		return err
	}
	return r.step(ctx, "INSTALL", "[for install], "+r.Parameters.Form.String()+" form", r.install)
}

func (r *run) install(ctx context.Context) error {
	own, err := r.Parameters.Append([]byte{})
	if err != nil {
		return err
	}
	parameters, err := (&gp.InstallParameters{ApplicationSpecific: own}).Append(nil)
	if err != nil {
		return err
	}
	answer, err := r.manage(ctx, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: jpki.AIDPackage, Module: jpki.AIDModule,
		Application: jpki.AIDInstance, Parameters: parameters})
	if err != nil {
		return err
	}
	return r.confirmed(answer, gp.InstallReceipt(jpki.AIDPackage, jpki.AIDInstance))
}

// confirmed checks the receipt of what a token allowed.
func (r *run) confirmed(answer []byte, context gp.ReceiptContext) error {
	if r.Token == nil || r.Receipts == nil {
		return nil
	}
	err := r.Receipts.Check(answer, context)
	r.report.Receipts, r.report.ReceiptsLost = r.Receipts.Verified, r.Receipts.Lost
	return err
}

// manage sends a command of card content management, with a token if there is
// somebody to sign it, and gives the response data.
func (r *run) manage(ctx context.Context, install gp.Install) ([]byte, error) {
	if r.Token == nil {
		return gp.Exchange(ctx, r.secured, install, nil)
	}
	unsigned, err := install.Unsigned(nil)
	if err != nil {
		return nil, err
	}
	signed, err := gp.AddToken(unsigned, r.Token)
	if err != nil {
		return nil, err
	}
	command, err := signed.Append(nil)
	if err != nil {
		return nil, err
	}
	answer, err := r.secured.Transmit(ctx, command, nil)
	if err != nil {
		return nil, err
	}
	response, err := apdu.DecodeResponse(answer)
	if err != nil {
		return nil, err
	}
	if response.SW != iso7816.OK {
		return nil, response.SW
	}
	return response.Data, nil
}

// plain is the card without a secure channel.
func (r *run) plain() apdu.Card { return &r.card }
