package inkan.basic;

import javacard.framework.ISOException;

/** Status words that ISO7816 of the API does not name (IDCARD, status words). */
final class Status {
	/** Wrong PIN or code; the low digit is the number of tries left. */
	static final short TRIES = (short) 0x63C0;
	/** EF of another kind. */
	static final short WRONG_FILE = (short) 0x6981;
	/** PIN or code not set or blocked. */
	static final short BLOCKED = (short) 0x6984;
	/** Longer than the file. */
	static final short TOO_LONG = (short) 0x6A84;
	/** No such data group. */
	static final short NOT_FOUND = (short) 0x6A88;

	private Status() {
	}

	/** Ends the command with a status word if a condition does not hold. */
	static void need(boolean holds, short sw) {
		if (!holds) {
			ISOException.throwIt(sw);
		}
	}
}
