package idcards

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/basic"
	"inkan/core/tlv"
	"inkan/scenarios/personalise"
	"inkan/sim/idcard"
)

// testSigner is the key that signs number and attributes when nobody says another.
func (m *Maker) testSigner() (crypto.Signer, error) {
	if m.signer == nil {
		key, err := personalise.SeededKey(0, "idcards/signer of number and attributes")
		if err != nil {
			return nil, err
		}
		m.signer = key
	}
	return m.signer, nil
}

// prepare makes all content, before anything is sent.
func (w *making) prepare(context.Context) error {
	record, err := w.Card.Append(nil)
	if err != nil {
		return err
	}
	w.common = new(basic.Data).Put(basic.EFCard, record)
	w.text, err = w.textData()
	return err
}

// basics writes the record, number, attributes and what vouches for them, PIN and
// codes.
func (w *making) basics(ctx context.Context) error {
	defer w.text.Wipe()
	if err := w.store(ctx, basic.AIDCommon, w.common); err != nil {
		return err
	}
	return w.store(ctx, basic.AIDText, w.text)
}

// textData is the data of text input support.
func (w *making) textData() (*basic.Data, error) {
	number, err := w.PersonalNumber.Append(nil)
	if err != nil {
		return nil, err
	}
	attributes, err := w.Attributes.Append(nil)
	if err != nil {
		return nil, err
	}
	signed, err := basic.SignDigests(number, attributes, w.Signer)
	if err != nil {
		return nil, err
	}
	digests, err := signed.Append(nil)
	if err != nil {
		return nil, err
	}
	codeB, err := basic.CodeB(w.Attributes.Birth, w.Card.Expiry, w.SecurityCode)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256([]byte(w.Card.Municipality))
	information := basic.Information{KeyID: [16]byte(id[:])}
	return new(basic.Data).Put(basic.EFNumber, number).Put(basic.EFAttributes, attributes).Put(basic.EFDigests, digests).
		Put(basic.EFInformation, information.Append(nil)).Put(basic.EFPIN, []byte(w.PINs.Text)).
		Put(basic.EFCodeA, []byte(w.PersonalNumber)).Put(basic.EFCodeB, []byte(codeB)), nil
}

// store sends data groups to an application.
func (w *making) store(ctx context.Context, to gp.AID, d *basic.Data) error {
	if err := w.forward(ctx, to); err != nil {
		return err
	}
	blocks, err := d.Blocks(blockBytes)
	if err != nil {
		return err
	}
	for b := range blocks {
		if _, err := gp.Exchange(ctx, w.domain, b, nil); err != nil {
			return err
		}
	}
	return nil
}

// own gives the domain its data and its own keys in the place of the batch's, and
// secures the card. Spec: SPEC-IDCARD-015.
func (w *making) own(ctx context.Context) error {
	kdd := idcard.KDD(w.Number)
	objects := tlv.Append(tlv.Append(nil, gp.TagDiversificationData, kdd[:]), gp.TagCIN, idcard.CIN(w.Number))
	if _, err := gp.Exchange(ctx, w.domain, gp.StoreData{Last: true, Structure: gp.StructureBERTLV, Data: objects}, nil); err != nil {
		return err
	}
	if err := w.putKeys(ctx); err != nil {
		return err
	}
	for _, state := range []gp.LifeCycle{gp.CardInitialized, gp.CardSecured} {
		_, err := gp.Exchange(ctx, w.domain, gp.SetStatus{Scope: gp.ScopeIssuerSecurityDomain, State: state, AID: gp.AIDIssuerSecurityDomain}, nil)
		if err != nil && (w.Attempt == 0 || !errors.Is(err, iso7816.ConditionsNotSatisfied)) {
			return err // an attempt before may have brought the card there
		}
	}
	return nil
}

// putKeys replaces the batch's keys.
func (w *making) putKeys(ctx context.Context) error {
	if w.hasOwn {
		return nil
	}
	set, err := idcard.Keys(w.Number)
	if err != nil {
		return err
	}
	defer set.Wipe()
	var fields []gp.KeyField
	for _, value := range [][]byte{set.Enc, set.MAC, set.DEK} {
		k := gp.Key{Components: []gp.KeyValue{{Type: idcard.KeyType, Value: value}}}
		f, err := k.Seal(w.domain.Host.EncryptSensitive, gp.DEKBlockAES, true)
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	_, err = gp.Exchange(ctx, w.domain, gp.PutKey{KeyVersion: idcard.BatchVersion, KeyID: 1, Multiple: true,
		NewKeyVersion: set.Version, Blocks: gp.AppendKeyFields(nil, fields)}, nil)
	return err
}

// handOver has the holder set the first PINs, without a channel.
func (w *making) handOver(ctx context.Context) error {
	w.close()
	if _, err := gp.Exchange(ctx, w.card, jpki.SelectApplication{}, nil); err != nil {
		return err
	}
	for _, role := range w.roles() {
		first := jpki.ResetRetryCounter{PIN: role.PIN().Reference(), Code: w.done[role].code, New: []byte(w.pin(role))}
		if _, err := gp.Exchange(ctx, w.card, first, nil); err != nil {
			return err
		}
		clear(w.done[role].code)
	}
	return nil
}
