// Shows the devices and their cables; looks again every second.
const place = document.getElementById("devices");
const card = document.getElementById("card");
const together = document.getElementById("together");

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

function stateOf(device) {
  const parts = [device.connected ? "Connected" : device.online ? "Looking for the relay" : "Offline"];
  parts.push(device.waiting ? `${count(device.waiting, "change waits", "changes wait")} here` : "everything is at the relay");
  if (device.clashes) {
    parts.push(count(device.clashes, "clash to settle", "clashes to settle"));
  }
  return parts.join(" · ");
}

function build(index, device) {
  const part = card.content.cloneNode(true);
  const section = part.querySelector("section");
  section.dataset.testid = `device-${device.desk}`;
  section.querySelector("h2").textContent = device.person;
  section.querySelector(".desk").textContent = { sales: "Sales", office: "Office", warehouse: "Warehouse" }[device.desk];
  section.querySelector("a").href = device.link;
  section.querySelector("a").setAttribute("aria-label", `Open the device of ${device.person}`);
  const cable = section.querySelector("input");
  cable.addEventListener("change", async () => {
    await fetch(`/cable/${index}/${cable.checked ? "in" : "out"}`, { method: "POST" });
    look();
  });
  place.append(part);
}

async function look() {
  let state;
  try {
    state = await (await fetch("/state")).json();
  } catch {
    together.textContent = "The demo has stopped. Start it again with “cargo xtask demo”.";
    together.dataset.mood = "bad";
    return;
  }
  document.getElementById("company").textContent = state.company;
  state.devices.forEach((device, index) => {
    if (!place.children[index]) {
      build(index, device);
    }
    const section = place.children[index];
    section.querySelector(".state").textContent = stateOf(device);
    section.querySelector("input").checked = device.online;
    section.dataset.online = device.online;
  });
  const same = state.devices.every((device) => device.digest === state.devices[0].digest);
  together.textContent = same ? "All devices hold the same." : "The devices hold different things right now.";
  together.dataset.mood = same ? "good" : "apart";
}

look();
setInterval(look, 1000);
