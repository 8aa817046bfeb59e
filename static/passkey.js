// Passkeys: asks the browser for what the server wants, and sends its answer with the form. Without this script, or
// where the browser knows no passkeys, the forms stay hidden and the code serves.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

// What the standard calls PublicKeyCredential.parse…FromJSON and toJSON, which not every browser has yet.

async function make(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: known(asked.excludeCredentials) };
  const { id, type, response } = await navigator.credentials.create({ publicKey });
  return { id, rawId: id, type, response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
}

async function prove(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const { id, type, response } = await navigator.credentials.get({ publicKey });
  return {
    id, rawId: id, type,
    response: { clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature) },
  };
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  document.getElementById("no-passkeys")?.remove();
  const said = form.querySelector("[data-failed]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.hidden = true;
    try {
      const asked = await options(form);
      form.elements.passkey.value = JSON.stringify(await (form.dataset.passkey === "new" ? make(asked) : prove(asked)));
      form.submit();
    } catch (fault) {
      said.textContent = fault.name === "InvalidStateError" ? said.dataset.known : said.dataset.failed;
      said.hidden = false;
    }
  });
}
