package apdutext

import (
	"strings"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/tlv"
)

func install(d *Description, c *apdu.Command, _ []byte) {
	i, err := gp.DecodeInstall(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	d.detail(i.Purpose.String())
	for _, f := range []struct {
		name string
		aid  gp.AID
	}{{"load file", i.LoadFile}, {"module", i.Module}, {"application", i.Application}, {"security domain", i.SecurityDomain}} {
		if !f.aid.IsZero() {
			d.say(f.name, ": ", aid(f.aid))
		}
	}
	if i.HasPrivileges && i.Privileges != 0 {
		d.say("privileges: ", strings.ReplaceAll(i.Privileges.String(), "+", ", "))
	}
	if len(i.Hash) > 0 {
		d.say("hash of the load file: ", hex(i.Hash))
	}
	if len(i.Parameters) > 0 {
		d.say("parameters: ", hex(i.Parameters))
	}
	if len(i.Token) > 0 {
		d.say("token of delegated management: ", count(len(i.Token), "byte"))
	}
}

func load(d *Description, c *apdu.Command, _ []byte) {
	l, err := gp.DecodeLoad(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	last := ""
	if l.Last {
		last = ", the last one"
	}
	d.say("block ", one(l.Number), last, ": ", count(len(l.Data), "byte"))
}

func deletion(d *Description, c *apdu.Command, _ []byte) {
	x, err := gp.DecodeDelete(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	if !x.AID.IsZero() {
		d.say(aid(x.AID))
	}
	if x.HasKeyVersion || x.HasKeyID {
		d.say("keys: version ", one(x.KeyVersion), ", identifier ", one(x.KeyID))
	}
	if x.Related {
		d.say("with what depends on it")
	}
	if len(x.Token) > 0 {
		d.say("token of delegated management: ", count(len(x.Token), "byte"))
	}
}

// storeData names the data groups of a block. Those of a later block are not looked for:
// it may begin in the middle of one.
func storeData(d *Description, c *apdu.Command, _ []byte) {
	s, err := gp.DecodeStoreData(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	last := ""
	if s.Last {
		last = ", the last one"
	}
	d.say("block ", one(s.Number), last, ": ", count(len(s.Data), "byte"))
	if s.Encryption == gp.EncryptionDEK {
		d.say("enciphered under the data encryption key")
		return
	}
	if s.Number != 0 || s.Structure == gp.StructureBERTLV {
		return
	}
	r := tlv.NewDGIReader(s.Data)
	for r.Next() {
		d.say("data group ", dgi(r.DGI()), ", ", count(len(r.Value()), "byte"))
	}
	// A group that goes on in the next block is the reader's error: its name is known.
	if at := r.Offset(); r.Err() != nil && !s.Last && at+2 <= len(s.Data) {
		d.say("data group ", dgi(uint16(s.Data[at])<<8|uint16(s.Data[at+1])), ", which goes on in the next block")
	}
}

func putKey(d *Description, c *apdu.Command, _ []byte) {
	k, err := gp.DecodePutKey(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	if k.KeyVersion == 0 {
		d.say("new keys of version ", one(k.NewKeyVersion), " from identifier ", one(k.KeyID))
		return
	}
	d.say("version ", one(k.NewKeyVersion), " in place of version ", one(k.KeyVersion), ", from identifier ", one(k.KeyID))
}

var scopes = map[gp.StatusScope]string{gp.ScopeIssuerSecurityDomain: "the card", gp.ScopeApplication: "application", gp.ScopeDomainAndContent: "domain with its applications"}

func setStatus(d *Description, c *apdu.Command, _ []byte) {
	s, err := gp.DecodeSetStatus(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	d.say(scopes[s.Scope], " ", aid(s.AID), " to state ", s.State.String())
}

var subsets = map[gp.Subset]string{
	gp.SubsetIssuerSecurityDomain: "issuer security domain", gp.SubsetApplications: "applications and domains",
	gp.SubsetLoadFiles: "load files", gp.SubsetLoadFilesAndModules: "load files and modules",
}

func getStatus(d *Description, c *apdu.Command, response []byte) {
	g, err := gp.DecodeGetStatus(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	d.detail(subsets[g.Subset])
	if len(g.AID) > 0 {
		d.say("only ", partial(g.AID))
	}
	var e gp.Entry
	for r := gp.NewStatusReader(&g, response); len(response) > 0 && r.Next(&e); {
		d.say(e.Kind.String(), " ", aid(e.AID), ": ", e.Kind.LifeCycleName(e.LifeCycle))
	}
}

func getData(d *Description, c *apdu.Command, _ []byte) {
	g, err := gp.DecodeGetData(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	name := dataObjects[uint32(g.Tag)]
	if name == "" {
		name = "object"
	}
	d.say(name, " ", g.Tag.String())
}
