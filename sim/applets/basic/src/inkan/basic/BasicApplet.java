package inkan.basic;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import org.globalplatform.Application;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/**
 * What both applications have: selection, files by identifier and SFI, and
 * personalisation data that the security domain forwards (IDCARD, the basic
 * applications).
 */
public abstract class BasicApplet extends Applet implements Application {
	private static final byte INS_SELECT = (byte) 0xA4;
	private static final byte CURRENT = (byte) 0x80;
	/** No EF has this identifier. */
	static final byte NONE = 0;

	/** LV of the instance AID. */
	private final byte[] aid;
	private final Groups groups;
	/** Current EF, in RAM. */
	private final byte[] current;
	/** RAM that methods lend each other. */
	final byte[] work;

	/** Takes install's LV AID, LV privileges, LV parameters. Spec: SPEC-IDCARD-024. */
	BasicApplet(byte[] b, short offset) {
		short privileges = (short) (offset + 1 + (b[offset] & 0xFF));
		short data = (short) (privileges + 1 + (b[privileges] & 0xFF));
		Status.need(b[data] == 0, ISO7816.SW_WRONG_DATA);
		short length = (short) ((b[offset] & 0xFF) + 1);
		aid = new byte[length];
		Util.arrayCopyNonAtomic(b, offset, aid, (short) 0, length);
		groups = new Groups(this);
		current = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET);
		work = JCSystem.makeTransientByteArray((short) 16, JCSystem.CLEAR_ON_RESET);
	}

	/** Whether the application has an EF. */
	abstract boolean exists(byte ef);

	/** Executes an interindustry command other than SELECT; false: there is no such instruction. */
	abstract boolean command(APDU apdu, byte[] b, byte ins);

	/** Ends what a selection ends, beside the current EF. */
	abstract void leave();

	/** Overwrites what does not count any more. */
	abstract void settle();

	/** Whether there is a data group for an EF. */
	abstract boolean takes(byte ef);

	/** Refuses a value, of 1 to 32767 bytes, for its length. Spec: SPEC-IDCARD-052. */
	abstract void checkLength(byte ef, short n);

	/** Takes n bytes of a value from an offset on, which is at in the value. */
	abstract void put(byte ef, short at, byte[] b, short offset, short n);

	/** Takes over a value that has come whole. */
	abstract void finish(byte ef, short n);

	/** Spec: SPEC-IDCARD-021. */
	public boolean select() {
		forget();
		settle();
		return true;
	}

	public void deselect() {
		forget();
	}

	private void forget() {
		current[0] = NONE;
		groups.end();
		leave();
	}

	public void process(APDU apdu) {
		byte[] b = apdu.getBuffer();
		if (selectingApplet()) {
			answerSelect(apdu, b);
			return;
		}
		byte cla = b[ISO7816.OFFSET_CLA]; // Spec: SPEC-IDCARD-022
		Status.need((byte) (cla & 0xFC) == 0 || (byte) (cla & 0xF0) == 0x40, ISO7816.SW_CLA_NOT_SUPPORTED);
		byte ins = b[ISO7816.OFFSET_INS];
		if (ins == INS_SELECT) {
			selectFile(apdu, b);
		} else {
			Status.need(command(apdu, b, ins), ISO7816.SW_INS_NOT_SUPPORTED); // Spec: SPEC-IDCARD-023
		}
	}

	/** Answers SELECT by name. Spec: SPEC-IDCARD-020. */
	private void answerSelect(APDU apdu, byte[] b) {
		Input.receive(apdu);
		if ((b[ISO7816.OFFSET_P2] & 0x0C) == 0x0C) {
			return;
		}
		b[0] = 0x6F;
		b[1] = (byte) (aid.length + 1);
		b[2] = (byte) 0x84;
		Util.arrayCopyNonAtomic(aid, (short) 0, b, (short) 3, (short) aid.length);
		apdu.setOutgoingAndSend((short) 0, (short) (aid.length + 3));
	}

	/** SELECT of a file. Spec: SPEC-IDCARD-025, SPEC-IDCARD-026. */
	private void selectFile(APDU apdu, byte[] b) {
		byte p1 = b[ISO7816.OFFSET_P1];
		byte p2 = b[ISO7816.OFFSET_P2];
		Status.need(p1 != 0x04, ISO7816.SW_FILE_NOT_FOUND);
		Status.need(p1 == 0x02 && (p2 == 0x0C || p2 == 0x00), ISO7816.SW_INCORRECT_P1P2);
		Status.need(Input.receive(apdu) == 2, ISO7816.SW_WRONG_LENGTH);
		short id = Util.getShort(b, Input.DATA);
		Status.need((short) (id & (short) 0xFF00) == 0 && exists((byte) id), ISO7816.SW_FILE_NOT_FOUND);
		setCurrent((byte) id);
	}

	/** Makes an EF the current one: for commands that name it by SFI, once they are done. */
	final void setCurrent(byte ef) {
		current[0] = ef;
	}

	/** The EF of an SFI, 00 being the current one. */
	final byte bySFI(byte sfi) {
		if (sfi == 0) {
			Status.need(current[0] != NONE, ISO7816.SW_COMMAND_NOT_ALLOWED);
			return current[0];
		}
		Status.need(exists(sfi), ISO7816.SW_FILE_NOT_FOUND);
		return sfi;
	}

	/** Refuses a P2 that names no PIN's EF. */
	static void checkReference(byte p2) {
		Status.need((byte) (p2 & 0xE0) == CURRENT && p2 != (byte) 0x9F, ISO7816.SW_INCORRECT_P1P2);
	}

	/** Sends Ne bytes of a file from an offset on, or what is left of its content, which is something. */
	static void send(APDU apdu, Slots file, short offset) {
		short rest = (short) (file.length() - offset);
		short n = apdu.setOutgoing();
		if (n > rest) {
			n = rest;
		}
		apdu.setOutgoingLength(n);
		apdu.sendBytesLong(file.bytes(), (short) (file.offset() + offset), n);
	}

	/**
	 * STORE DATA that the security domain has verified and unwrapped. Only the
	 * card's operating system gets at this method. Spec: SPEC-IDCARD-050.
	 */
	public void processData(byte[] b, short offset, short length) {
		byte needed = SecureChannel.C_MAC | SecureChannel.C_DECRYPTION;
		groups.begin();
		if ((byte) (GPSystem.getSecureChannel().getSecurityLevel() & needed) != needed) {
			ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		}
		groups.block(b, offset, length);
	}

	/** The security domain asks without naming a client; nobody else gets the object. */
	public Shareable getShareableInterfaceObject(AID client, byte parameter) {
		return client == null ? this : null;
	}
}
