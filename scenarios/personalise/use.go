package personalise

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
)

// use does what the holder does, without a secure channel.
func (r *run) use(ctx context.Context) error {
	r.close()
	if err := r.exchange(ctx, "SELECT", jpki.AIDInstance.String(), jpki.SelectApplication{}); err != nil {
		return err
	}
	if err := r.checkStatus(ctx); err != nil {
		return err
	}
	for _, role := range r.roles() {
		pin, value := role.PIN().Reference(), []byte(r.PINs[role])
		if err := r.exchange(ctx, "FIRST PIN "+role.String(), "by the code",
			jpki.ResetRetryCounter{PIN: pin, Code: r.pairs[role].code, New: value}); err != nil {
			return err
		}
		if err := r.wrongPIN(ctx, role); err != nil {
			return err
		}
		if err := r.exchange(ctx, "VERIFY "+role.String(), "the PIN", jpki.Verify{PIN: pin, Value: value}); err != nil {
			return err
		}
		if err := r.signAndRead(ctx, role); err != nil {
			return err
		}
	}
	return nil
}

// exchange is a step of one command.
func (r *run) exchange(ctx context.Context, name, detail string, c gp.Command) error {
	return r.step(ctx, name, detail, func(ctx context.Context) error {
		_, err := gp.Exchange(ctx, r.plain(), c, nil)
		return err
	})
}

func (r *run) checkStatus(ctx context.Context) error {
	return r.step(ctx, "GET DATA", "status", func(ctx context.Context) error {
		s, err := jpki.ReadStatus(ctx, r.plain())
		if err != nil {
			return err
		}
		if s.Phase != jpki.Active || s.Form != r.Parameters.Form || s.Counter != r.order.Counter {
			return fmt.Errorf("phase %v, form %v, counter %d: want ACTIVE, %v, %d", s.Phase, s.Form, s.Counter, r.Parameters.Form, r.order.Counter)
		}
		return nil
	})
}

// wrongPIN shows what a wrong PIN costs, and that it is refused.
func (r *run) wrongPIN(ctx context.Context, role jpki.Role) error {
	wrong := []byte(r.PINs[role])
	wrong[0] = '0' + (wrong[0]+1)%10
	return r.step(ctx, "VERIFY "+role.String(), "a wrong PIN", func(ctx context.Context) error {
		_, err := gp.Exchange(ctx, r.plain(), jpki.Verify{PIN: role.PIN().Reference(), Value: wrong}, nil)
		if !errors.Is(err, iso7816.Counter) {
			return fmt.Errorf("a wrong PIN is answered %v, want 63Cx", err)
		}
		return nil
	})
}

func (r *run) signAndRead(ctx context.Context, role jpki.Role) error {
	i := Issued{Role: role, Name: role.String()}
	digest := sha256.Sum256(r.Message)
	info, err := jpki.AppendDigestInfo(nil, crypto.SHA256, digest[:])
	if err != nil {
		return err
	}
	err = r.step(ctx, "SIGN "+role.String(), "RSA 2048, SHA-256", func(ctx context.Context) error {
		i.Signature, err = gp.Exchange(ctx, r.plain(), jpki.Signature{Key: role.Key().Reference(), Data: info}, nil)
		return err
	})
	if err != nil {
		return err
	}
	read := func(file jpki.EF, into *[]byte) error {
		return r.step(ctx, "READ BINARY", file.String(), func(ctx context.Context) error {
			*into, err = jpki.ReadFile(ctx, r.plain(), file, nil)
			return err
		})
	}
	if err := read(role.Certificate(), &i.Certificate); err != nil {
		return err
	}
	if err := read(role.CACertificate(), &i.CACertificate); err != nil {
		return err
	}
	r.report.Issued = append(r.report.Issued, i)
	return i.Verify(r.Message, r.pairs[role].certificate)
}

// Verify checks the signature of a message and the chain, and that the card
// gives the certificate that was issued, where that is known: issued is nil else.
func (i *Issued) Verify(message, issued []byte) error {
	if issued != nil && !bytes.Equal(i.Certificate, issued) {
		return fmt.Errorf("%s: the card gives another certificate than was issued", i.Name)
	}
	c, err := x509.ParseCertificate(i.Certificate)
	if err != nil {
		return err
	}
	ca, err := x509.ParseCertificate(i.CACertificate)
	if err != nil {
		return err
	}
	if err := c.CheckSignatureFrom(ca); err != nil {
		return fmt.Errorf("%s certificate: %w", i.Name, err)
	}
	if err := c.CheckSignature(x509.SHA256WithRSA, message, i.Signature); err != nil {
		return fmt.Errorf("%s signature: %w", i.Name, err)
	}
	return nil
}
