package mno

import (
	"slices"

	"inkan/core/tsmp"
	"inkan/tsm/mno/content"
	"inkan/tsm/mno/kind"
	"inkan/tsm/store"
	"inkan/tsm/store/codec"
)

// keptFile is a provider's load file that was sent once.
type keptFile struct{ Bytes []byte }

// Format implements codec.Row.
func (*keptFile) Format() string { return "load file" }

// Version implements codec.Row.
func (*keptFile) Version() byte { return 1 }

// Fields implements codec.Row.
func (k *keptFile) Fields(f *codec.Fields) { f.Bytes("bytes", &k.Bytes) }

// loadFile is the load file of a request: one that came along, which is kept under
// its hash, or one that is here under it. Spec: SPEC-MNO-TSM-045.
func (m *Manager) loadFile(tx *store.Tx, o *kind.Offer, w *tsmp.Software) (*content.LoadFile, error) {
	if len(o.Hashes) > 0 && !slices.Contains(o.Hashes, w.LoadFileHash) {
		return nil, tsmp.Refuse(tsmp.CodeLoadFile, "not the one that was agreed on")
	}
	id := loadFileID(o.Provider, w.LoadFileHash)
	k := keptFile{Bytes: w.LoadFile}
	if k.Bytes == nil {
		if found, err := kept(tx, id, &k); err != nil {
			return nil, err
		} else if !found {
			return nil, tsmp.Refuse(tsmp.CodeUnknownLoadFile, "")
		}
	}
	f, err := content.OpenLoadFile(k.Bytes, w.LoadFileHash, o.DAP)
	if err != nil {
		return nil, tsmp.Refuse(tsmp.CodeLoadFile, "")
	}
	if w.LoadFile == nil {
		return f, nil
	}
	return f, keep(tx, id, kindLoadFile, &k)
}
