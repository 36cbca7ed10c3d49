package gp

import "fmt"

// SignDAP makes a DAP block: the signature, on behalf of a security domain, of
// the load file data block hash (LoadFileHash), which is the message: it is
// hashed again by the scheme. Spec: SPEC-GP-CONTENT-022.
func SignDAP(securityDomain AID, loadFileHash []byte, signer ContentSigner) (DAPBlock, error) {
	if err := checkLoadFileHash(loadFileHash); err != nil {
		return DAPBlock{}, err
	}
	signature, err := signer.AppendSignature(nil, loadFileHash)
	if err != nil {
		return DAPBlock{}, err
	}
	return DAPBlock{SecurityDomain: securityDomain, Signature: signature}, nil
}

// Verify reports whether the block signs a load file data block hash. Whose
// key verifies is for the caller to find by SecurityDomain (KVN 73, or 11).
// Spec: SPEC-GP-CONTENT-022, SPEC-GP-CONTENT-023.
func (d *DAPBlock) Verify(loadFileHash []byte, verifier ContentVerifier) bool {
	return checkLoadFileHash(loadFileHash) == nil && verifier.Verify(loadFileHash, d.Signature)
}

func checkLoadFileHash(hash []byte) error {
	if _, ok := HashOfSize(len(hash)); ok {
		return nil
	}
	return fmt.Errorf("gp: load file data block hash of %d bytes, not 20, 32, 48 or 64", len(hash))
}
