/*
 * Signing in with one's own device (a passkey). Each place for it is
 *   <… data-passkey="login|add|use" data-say-failed="…"> with one form in it, whose hidden
 *   `credential` this fills in, and a <p role="status">.
 * "login" asks the form's address what to sign; "add" and "use" find that in #passkey-data.
 * Without JavaScript the form comes back empty, and the page says that a code by email works. A
 * browser that cannot do it does not show the place.
 */

/** Bytes from the base64url text that travels in JSON. */
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

/** And back. Nothing stays nothing. */
const toText = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const listed = (items) => (items || []).map((item) => ({ ...item, id: toBytes(item.id) }));

const newDevice = async ({ publicKey }) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: listed(publicKey.excludeCredentials),
      // It signs in alone, so it must know its owner: by finger, face or PIN.
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return packed(made, {
    clientDataJSON: toText(clientDataJSON),
    attestationObject: toText(attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
};

const knownDevice = async ({ publicKey }) => {
  const given = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: listed(publicKey.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = given.response;
  return packed(given, {
    clientDataJSON: toText(clientDataJSON),
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: toText(userHandle),
  });
};

const packed = (credential, response) => ({
  type: credential.type,
  id: credential.id,
  rawId: toText(credential.rawId),
  response,
  clientExtensionResults: credential.getClientExtensionResults(),
});

const onPage = () => JSON.parse(document.getElementById("passkey-data").textContent);
const fromServer = async (form) => {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

const WAYS = {
  login: async (form) => knownDevice((await fromServer(form)).request_options),
  use: async () => knownDevice(onPage().request_options),
  add: async () => newDevice(onPage().creation_options),
};

for (const place of document.querySelectorAll("[data-passkey]")) {
  const form = place.querySelector("form");
  if (!window.PublicKeyCredential && place.dataset.passkey !== "add") place.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const credential = await WAYS[place.dataset.passkey](form);
      form.elements.namedItem("credential").value = JSON.stringify(credential);
      form.submit();
    } catch {
      place.querySelector("[role=status]").textContent = place.dataset.sayFailed;
    }
  });
}
