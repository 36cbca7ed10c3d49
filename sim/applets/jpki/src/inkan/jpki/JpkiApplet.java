package inkan.jpki;

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
import org.globalplatform.Personalization;
import org.globalplatform.SecureChannel;

/**
 * The JPKI application: selection and dispatch (JPKI-AP, selection and
 * dispatch), and the two ways by which personalisation data comes (PERSO,
 * transport). All objects are made by install.
 *
 * What it asks of a card: Java Card 3.0.1 Classic without int, GlobalPlatform
 * API 1.2, an APDU buffer of 261 bytes, responses of 256 bytes, 512 bytes of
 * commit capacity, RSA-2048 CRT keys with ALG_RSA_NOPAD, AES-256 CBC without
 * padding, SHA-256, a secure random generator, and P-256 with plain ECDH and a
 * private key in RAM.
 */
public final class JpkiApplet extends Applet implements Personalization, Application {
	private static final byte INS_VERIFY = 0x20;
	private static final byte INS_CHANGE = 0x24;
	private static final byte INS_SIGN = 0x2A;
	private static final byte INS_RESET = 0x2C;
	private static final byte INS_CONTACTLESS = 0x44;
	private static final byte INS_INITIALIZE_UPDATE = 0x50;
	private static final byte INS_EXTERNAL_AUTHENTICATE = (byte) 0x82;
	private static final byte INS_CHALLENGE = (byte) 0x84;
	private static final byte INS_RESERVED = (byte) 0x88;
	private static final byte INS_SELECT = (byte) 0xA4;
	private static final byte INS_READ = (byte) 0xB0;
	private static final byte INS_GET_DATA = (byte) 0xCA;
	private static final byte INS_STORE_DATA = (byte) 0xE2;

	// Kinds of class byte, and of instruction.
	private static final byte NONE = 0;
	private static final byte INTERINDUSTRY = 1;
	private static final byte PROPRIETARY = 2;
	private static final byte SECURED = 3;

	/** LV of the instance AID, as PERSO puts it into what it signs and derives. */
	private final byte[] aid;
	private final State state;
	private final Pins pins;
	private final Files files;
	private final Signer signer;
	private final Objects objects;
	private final Wiper wiper;
	private final Perso perso;

	private JpkiApplet(Parameters parameters, byte[] b, short name) {
		short length = (short) ((b[name] & 0xFF) + 1);
		aid = new byte[length];
		Util.arrayCopyNonAtomic(b, name, aid, (short) 0, length);
		Crypto crypto = new Crypto();
		byte[] staging = Perso.makeStaging(parameters);
		state = new State(crypto.work);
		Orders orders = new Orders();
		Content content = new Content(parameters);
		pins = new Pins(parameters, state, crypto);
		files = new Files(parameters, state, content, pins, crypto.work);
		pins.setFiles(files);
		signer = new Signer(state, content, pins, files, crypto);
		objects = new Objects(parameters, state, content, pins, files, crypto);
		wiper = new Wiper(state, orders, content, pins);
		Cmac cmac = new Cmac(crypto);
		Statement statement = new Statement(parameters, state, orders, content, signer, crypto, aid);
		Issue issue = new Issue(parameters, state, orders, content, new Agreement(crypto), statement, wiper, crypto, aid, staging);
		Envelope envelope = new Envelope(parameters, state, orders, content, pins, wiper, cmac, crypto, staging);
		LifeCycle lifeCycle = new LifeCycle(state, orders, content, pins, statement, wiper, cmac, crypto, staging);
		perso = new Perso(parameters, state, issue, envelope, lifeCycle, statement, staging);
	}

	/** Installs an instance of LV AID, LV privileges, LV parameters. Spec: SPEC-JPKI-AP-007, SPEC-JPKI-AP-008. */
	public static void install(byte[] b, short offset, byte length) {
		short privileges = (short) (offset + 1 + (b[offset] & 0xFF));
		short data = (short) (privileges + 1 + (b[privileges] & 0xFF));
		short first = (short) (data + 1);
		Parameters parameters = new Parameters(b, first, (short) (first + (b[data] & 0xFF)));
		new JpkiApplet(parameters, b, offset).register(b, (short) (offset + 1), b[offset]);
	}

	/** Spec: SPEC-JPKI-AP-003, SPEC-JPKI-AP-020. */
	public boolean select() {
		wiper.settle();
		if (isOff()) {
			return false;
		}
		leave();
		perso.forget();
		return true;
	}

	public void deselect() {
		leave();
		if (state.ram[State.SESSION] != 0) {
			state.ram[State.SESSION] = 0;
			GPSystem.getSecureChannel().resetSecurity();
		}
	}

	/** Ends what a selection ends. */
	private void leave() {
		files.setCurrent(Ef.NONE);
		pins.forgetAll();
		perso.end();
	}

	/** Whether the command comes over contactless while that is off. */
	private boolean isOff() {
		return pins.restricted() && state.ram[State.CONTACTLESS] == Pins.OFF;
	}

	public void process(APDU apdu) {
		byte[] b = apdu.getBuffer();
		if (selectingApplet()) {
			answerSelect(apdu, b);
			return;
		}
		wiper.settle();
		byte ins = b[ISO7816.OFFSET_INS];
		checkClass(b[ISO7816.OFFSET_CLA], ins);
		checkInterface(b, ins);
		if (kindOf(ins) == INTERINDUSTRY) {
			interindustry(apdu, b, ins);
		} else {
			proprietary(apdu, b, ins);
		}
	}

	/** Answers SELECT by name. Spec: SPEC-JPKI-AP-001, SPEC-JPKI-AP-002. */
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

	private static byte kindOf(byte ins) {
		switch (ins) {
		case INS_SELECT:
		case INS_READ:
		case INS_VERIFY:
		case INS_CHANGE:
		case INS_RESET:
		case INS_CHALLENGE:
			return INTERINDUSTRY;
		case INS_SIGN:
		case INS_CONTACTLESS:
		case INS_RESERVED:
		case INS_GET_DATA:
			return PROPRIETARY;
		case INS_INITIALIZE_UPDATE:
		case INS_EXTERNAL_AUTHENTICATE:
		case INS_STORE_DATA:
			return SECURED;
		default:
			return NONE;
		}
	}

	private static byte classOf(byte cla) {
		short low = (short) (cla & 0xFC);
		short high = (short) (cla & 0xF0);
		if (low == 0x00 || high == 0x40) {
			return INTERINDUSTRY;
		}
		if (low == 0x80 || high == 0xC0) {
			return PROPRIETARY;
		}
		return low == 0x84 || high == 0xE0 ? SECURED : NONE;
	}

	/** Spec: SPEC-JPKI-AP-004, SPEC-JPKI-AP-005. */
	private static void checkClass(byte cla, byte ins) {
		byte kind = kindOf(ins);
		byte given = classOf(cla);
		Status.need(given != NONE && (given != SECURED || kind == SECURED), ISO7816.SW_CLA_NOT_SUPPORTED);
		Status.need(kind != NONE, ISO7816.SW_INS_NOT_SUPPORTED);
		Status.need((given == INTERINDUSTRY) == (kind == INTERINDUSTRY), ISO7816.SW_CLA_NOT_SUPPORTED);
	}

	/** Spec: SPEC-JPKI-AP-021, SPEC-JPKI-AP-022. */
	private void checkInterface(byte[] b, byte ins) {
		if (!pins.restricted()) {
			return;
		}
		boolean byName = ins == INS_SELECT && b[ISO7816.OFFSET_P1] == 0x04;
		boolean contactOnly = kindOf(ins) == SECURED || ins == INS_CHANGE || ins == INS_RESET || ins == INS_CONTACTLESS;
		if (contactOnly || isOff() && !byName) {
			if (ins == INS_STORE_DATA) {
				perso.end();
			}
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
	}

	private void interindustry(APDU apdu, byte[] b, byte ins) {
		switch (ins) {
		case INS_SELECT:
			files.select(apdu, b);
			return;
		case INS_READ:
			files.read(apdu, b);
			return;
		case INS_VERIFY:
			pins.verify(apdu, b);
			return;
		case INS_CHANGE:
			pins.change(apdu, b);
			return;
		case INS_RESET:
			pins.reset(apdu, b);
			wiper.settle();
			return;
		default:
			objects.challenge(apdu, b);
		}
	}

	private void proprietary(APDU apdu, byte[] b, byte ins) {
		switch (ins) {
		case INS_SIGN:
			signer.sign(apdu, b);
			return;
		case INS_CONTACTLESS:
			objects.contactless(apdu, b);
			return;
		case INS_GET_DATA:
			objects.data(apdu, b);
			return;
		case INS_STORE_DATA:
			storeData(apdu, b);
			return;
		case INS_RESERVED:
			ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED); // Spec: SPEC-JPKI-AP-006
			return;
		default:
			perso.end();
			state.ram[State.SESSION] = 1;
			short n = GPSystem.getSecureChannel().processSecurity(apdu);
			apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, n);
		}
	}

	/**
	 * STORE DATA inside a session of the application's own. The class is looked at
	 * here, for unwrap gives back a command without secure messaging as it is.
	 * Spec: SPEC-PERSO-001, SPEC-PERSO-081.
	 */
	private void storeData(APDU apdu, byte[] b) {
		boolean secured = classOf(b[ISO7816.OFFSET_CLA]) == SECURED && state.ram[State.SESSION] != 0;
		short n = (short) (Input.receive(apdu) + ISO7816.OFFSET_CDATA);
		SecureChannel channel = GPSystem.getSecureChannel();
		byte level = secured ? channel.getSecurityLevel() : SecureChannel.NO_SECURITY_LEVEL;
		perso.begin(level);
		n = channel.unwrap(b, (short) 0, n);
		n = perso.block(level, b, (short) 0, n, b, ISO7816.OFFSET_CDATA);
		if ((level & SecureChannel.R_MAC) != 0) {
			Util.setShort(b, (short) (ISO7816.OFFSET_CDATA + n), ISO7816.SW_NO_ERROR);
			n = (short) (channel.wrap(b, ISO7816.OFFSET_CDATA, (short) (n + 2)) - 2);
		}
		apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, n);
	}

	/** STORE DATA that the security domain forwards, with room for a response. Spec: SPEC-PERSO-001. */
	public short processData(byte[] in, short inOffset, short inLength, byte[] out, short outOffset) {
		wiper.settle();
		if (pins.restricted()) { // Spec: SPEC-JPKI-AP-022
			perso.end();
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
		byte level = GPSystem.getSecureChannel().getSecurityLevel();
		perso.begin(level);
		return perso.block(level, in, inOffset, inLength, out, outOffset);
	}

	/** STORE DATA that a security domain of the older interface forwards. Spec: SPEC-PERSO-001. */
	public void processData(byte[] b, short offset, short length) {
		processData(b, offset, length, null, (short) 0);
	}

	/** The security domain asks without naming a client; nobody else gets the object. */
	public Shareable getShareableInterfaceObject(AID client, byte parameter) {
		return client == null ? this : null;
	}
}
