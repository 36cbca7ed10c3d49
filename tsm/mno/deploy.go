package mno

import (
	"context"

	"inkan/core/apdu"
	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// DeployService implements tsmp.MNO: the provider's domain, in simple mode load file and
// application, and with an owner the key agreement. Spec: SPEC-MNO-TSM-040 to
// SPEC-MNO-TSM-046, SPEC-MNO-TSM-049, SPEC-MNO-TSM-037, SPEC-MNO-TSM-038.
func (m *Manager) DeployService(ctx context.Context, call *tsmp.Call, b *tsmp.DeployServiceRequest) (a *tsmp.ActionAnswer, err error) {
	err = m.serve(ctx, call, "deployment-ordered", row.Subject{Service: b.Reference}, false, func() tsmp.Body { return a }, func(tx *store.Tx) error {
		s, i, err := mine(tx, call, b.Reference)
		if err != nil {
			return err
		}
		if a, err = repeated(tx, call); err != nil || a != nil {
			return err
		}
		d := &deployment{m: m, tx: tx, service: &s, instance: &i, offer: m.offer(call.Sender, s.Name), request: b}
		if err := d.admit(); err != nil {
			return err
		}
		o := &order{call: call, kind: kindDeploy, service: &s, bearers: b.Bearers}
		if o.commands, o.agreement, err = d.commands(); err != nil {
			return err
		}
		if err := d.record(call); err != nil {
			return err
		}
		a, err = m.begin(ctx, tx, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// deployment is a DeployService on its way.
type deployment struct {
	m        *Manager
	tx       *store.Tx
	service  *row.Service
	instance *instance
	offer    *kind.Offer
	request  *tsmp.DeployServiceRequest
	file     *content.LoadFile // in simple mode
	shared   bool              // the load file is on the card already
}

// admit refuses a deployment that may not begin.
func (d *deployment) admit() error {
	s, b := d.service, d.request
	if err := first(idle(s, d.instance), in(s, tsmp.ServiceDeclared), current(d.tx, s, d.instance)); err != nil {
		return err
	}
	if (b.Software != nil) != (s.Model == tsmp.ModelSimple) {
		return tsmp.Refuse(tsmp.CodeNotInModel, "software")
	}
	if d.offer == nil || !kind.Has(d.offer.Domains, b.Domain.AID) {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "domain")
	}
	if b.Domain.TAR != nil && !kind.Has(d.offer.TARs, b.Domain.TAR) {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "TAR")
	}
	if err := d.free(); err != nil {
		return err
	}
	if b.Software != nil {
		if err := d.software(); err != nil {
			return err
		}
	}
	return d.memory()
}

// free refuses a domain that another live instance on the SIM has, and an application
// that it has or may have: its removal would be the other one's. Spec: SPEC-MNO-TSM-046.
func (d *deployment) free() error {
	wanted := d.offer.Instances
	if w := d.request.Software; w != nil {
		wanted = [][]byte{w.InstanceAID}
	}
	return others(d.tx, d.service, func(s *row.Service, i *instance) error {
		if kind.Has([][]byte{i.Domain}, d.request.Domain.AID) {
			return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "another service has that domain on the SIM")
		}
		for _, a := range d.m.applications(s, i) {
			if kind.Has(wanted, a) {
				return tsmp.Refuse(tsmp.CodeAIDNotPermitted, "another service has that application on the SIM")
			}
		}
		return nil
	})
}

// others walks over the other live instances on the same SIM.
func others(r store.Reader, of *row.Service, do func(s *row.Service, i *instance) error) error {
	return store.ServicesOfSE.Scan(r, of.SE, func(s *row.Service) error {
		if s.Reference == of.Reference || s.State == tsmp.ServiceTerminated || s.State == tsmp.ServiceDeclared {
			return nil
		}
		var i instance
		if err := read(s.Content, &i); err != nil {
			return err
		}
		return do(s, &i)
	})
}

// software checks load file and identifiers of simple mode. What is on the card is
// used only where it is the same load file. Spec: SPEC-MNO-TSM-042, SPEC-MNO-TSM-045.
func (d *deployment) software() (err error) {
	w, o := d.request.Software, d.offer
	for _, x := range []struct {
		what string
		list [][]byte
		aid  []byte
	}{{"package", o.Packages, w.PackageAID}, {"module", o.Modules, w.ModuleAID}, {"instance", o.Instances, w.InstanceAID}} {
		if !kind.Has(x.list, x.aid) {
			return tsmp.Refuse(tsmp.CodeAIDNotPermitted, x.what)
		}
	}
	if err := content.CheckPrivileges(w.Privileges); err != nil {
		return tsmp.Refuse(tsmp.CodeAIDNotPermitted, err.Error())
	}
	if d.file, err = d.m.loadFile(d.tx, d.offer, w); err != nil {
		return err
	}
	return others(d.tx, d.service, func(_ *row.Service, i *instance) error {
		if !kind.Has([][]byte{i.Package}, w.PackageAID) {
			return nil
		}
		if i.Hash != w.LoadFileHash {
			return tsmp.Refuse(tsmp.CodeLoadFile, "another load file has that name on the SIM")
		}
		d.shared = true
		return nil
	})
}

// memory refuses what does not fit what is free and not kept for others.
func (d *deployment) memory() error {
	sim, _, err := simOf(d.tx, d.service.SE)
	if err != nil {
		return err
	}
	nonVolatile, volatile, err := d.m.freeMemory(d.tx, &sim, d.service.Reference)
	if err != nil {
		return err
	}
	needed, scratch := max(d.instance.NonVolatile, d.request.Domain.NonVolatile), max(d.instance.Volatile, d.request.Domain.Volatile)
	if d.file != nil && !d.shared {
		needed = max(needed, uint64(len(d.file.Content)))
	}
	if needed > nonVolatile || scratch > volatile {
		return tsmp.Refuse(tsmp.CodeMemory, "")
	}
	return nil
}

// commands are those of the whole deployment: what is made, the key agreement, and the
// question what is free then. Spec: SPEC-MNO-TSM-040, SPEC-MNO-TSM-042, SPEC-MNO-TSM-037.
func (d *deployment) commands() (list []remote.Command, agreement span, err error) {
	list, err = d.making()
	if err != nil {
		return nil, span{}, err
	}
	if o := d.request.Owner; o != nil {
		commands, err := d.m.agreement(d.tx, d.service.SE, d.request.Domain.AID, d.request.Bearers, o)
		if err != nil {
			return nil, span{}, err
		}
		agreement.From = uint32(len(list))
		list = append(list, commands...)
		agreement.To = uint32(len(list))
	}
	free, err := content.FreeMemory()
	if err != nil {
		return nil, span{}, err
	}
	last, err := content.Run(free)
	return append(list, last...), agreement, err
}

// making are the commands that make the domain and what is in it.
func (d *deployment) making() ([]remote.Command, error) {
	b := d.request
	domain, err := content.MakeDomain(d.service.Model, &b.Domain)
	if err != nil {
		return nil, err
	}
	list := []apdu.Command{domain}
	if w := b.Software; w != nil {
		if !d.shared {
			dataBytes, err := d.m.dataBytes(d.tx, d.service.SE, b.Bearers)
			if err != nil {
				return nil, err
			}
			load, err := content.Load(d.file, w.PackageAID, b.Domain.AID, dataBytes)
			if err != nil {
				return nil, err
			}
			list = append(list, load...)
		}
		install, err := content.Install(w.PackageAID, w.ModuleAID, w.InstanceAID, w.Privileges, w.Parameters, b.Domain.AID)
		if err != nil {
			return nil, err
		}
		list = append(list, install...)
	}
	return content.Run(list...)
}

// record keeps what is on its way to the card before anything leaves.
func (d *deployment) record(call *tsmp.Call) error {
	b := d.request
	return changeService(d.tx, b.Reference, func(s *row.Service, i *instance) error {
		s.State, s.Since, s.Action = tsmp.ServiceDeploying, d.tx.Now(), call.ID
		i.Domain = b.Domain.AID
		i.NonVolatile, i.Volatile = max(i.NonVolatile, b.Domain.NonVolatile), max(i.Volatile, b.Domain.Volatile)
		if w := b.Software; w != nil {
			i.Package, i.Hash, i.Instances = w.PackageAID, w.LoadFileHash, [][]byte{w.InstanceAID}
		}
		return nil
	})
}

// dataBytes is the longest data field that suits all bearers that reach a SIM.
func (m *Manager) dataBytes(r store.Reader, se tsmp.SEID, bearers []tsmp.Bearer) (int, error) {
	sim, c, err := simOf(r, se)
	if err != nil {
		return 0, err
	}
	k := m.kinds[sim.Profile]
	if k == nil {
		return 0, tsmp.Refuse(tsmp.CodeNoBearer, "")
	}
	d := k.Domain(c.KDD)
	list, err := m.reaching(r, &sim, bearers)
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, tsmp.Refuse(tsmp.CodeNoBearer, "")
	}
	return d.DataBytes(list...), nil
}

// first is the first of some errors.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
