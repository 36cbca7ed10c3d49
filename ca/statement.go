package ca

import (
	"errors"

	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
)

// faults say which code of the protocol tells what is wrong with a card's
// statement.
var faults = []struct {
	err  error
	code tsmp.Code
}{
	{perso.ErrHeader, tsmp.CodeStatementMismatch},
	{perso.ErrRole, tsmp.CodeKeyStatements},
	{perso.ErrAttestation, tsmp.CodeAttestation},
	{perso.ErrPoint, tsmp.CodePoint},
	{perso.ErrModulus, tsmp.CodeModulus},
	{perso.ErrProof, tsmp.CodeProof},
	{perso.ErrReceipt, tsmp.CodeReceipt},
}

// statementFault turns what package perso finds into a refusal; any other error
// stays as it is.
func statementFault(err error) error {
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return tsmp.Refuse(f.code, "")
		}
	}
	return err
}
