/** Names as people write them, each with the letters that its e-mail address uses. */
export const firstNames = [
  ['Ada', 'ada'], ['Amélie', 'amelie'], ['Anders', 'anders'], ['Aoife', 'aoife'], ['Beatriz', 'beatriz'], ['Björn', 'bjorn'],
  ['Carla', 'carla'], ['Chidi', 'chidi'], ['Daniel', 'daniel'], ['Đorđe', 'dorde'], ['Elif', 'elif'], ['Emma', 'emma'],
  ['Fatima', 'fatima'], ['François', 'francois'], ['Grace', 'grace'], ['Håkon', 'hakon'], ['Hana', 'hana'], ['Ines', 'ines'],
  ['Jamal', 'jamal'], ['Joana', 'joana'], ['Jürgen', 'jurgen'], ['Κατερίνα', 'katerina'], ['Kwame', 'kwame'], ['Lars', 'lars'],
  ['Leïla', 'leila'], ['Liam', 'liam'], ['Łukasz', 'lukasz'], ['Maja', 'maja'], ['Marco', 'marco'], ['María', 'maria'],
  ['Mei', 'mei'], ['Mohammed', 'mohammed'], ['Nadia', 'nadia'], ['Niamh', 'niamh'], ['Noah', 'noah'], ['Olga', 'olga'],
  ['Omar', 'omar'], ['Paula', 'paula'], ['Priya', 'priya'], ['Ravi', 'ravi'], ['Renée', 'renee'], ['Rosa', 'rosa'],
  ['Sakura', 'sakura'], ['Seán', 'sean'], ['Sofia', 'sofia'], ['Søren', 'soren'], ['Tariq', 'tariq'], ['Thomas', 'thomas'],
  ['Uma', 'uma'], ['Vera', 'vera'], ['Wei', 'wei'], ['Yara', 'yara'], ['Yūki', 'yuki'], ['Zoë', 'zoe'],
] as const

export const lastNames = [
  ['Adeyemi', 'adeyemi'], ['Almeida', 'almeida'], ['Andersson', 'andersson'], ['Bauer', 'bauer'], ['Bernard', 'bernard'],
  ['Brown', 'brown'], ['Castro', 'castro'], ['Chen', 'chen'], ['Costa', 'costa'], ['D’Angelo', 'dangelo'], ['Dubois', 'dubois'],
  ['Evans', 'evans'], ['Fischer', 'fischer'], ['García', 'garcia'], ['González', 'gonzalez'], ['Gupta', 'gupta'],
  ['Haddad', 'haddad'], ['Hansen', 'hansen'], ['Horváth', 'horvath'], ['Ivanova', 'ivanova'], ['Jansen', 'jansen'],
  ['Johnson', 'johnson'], ['Kaya', 'kaya'], ['Kim', 'kim'], ['Kowalski', 'kowalski'], ['Lindqvist', 'lindqvist'],
  ['Lopes', 'lopes'], ['Martínez', 'martinez'], ['Mbeki', 'mbeki'], ['Müller', 'muller'], ['Nakamura', 'nakamura'],
  ['Nguyễn', 'nguyen'], ['Novák', 'novak'], ['O’Brien', 'obrien'], ['Okafor', 'okafor'], ['Papadopoulos', 'papadopoulos'],
  ['Patel', 'patel'], ['Popescu', 'popescu'], ['Rossi', 'rossi'], ['Sato', 'sato'], ['Schäfer', 'schafer'], ['Silva', 'silva'],
  ['Smith', 'smith'], ['Šimić', 'simic'], ['Tanaka', 'tanaka'], ['van den Berg', 'vandenberg'], ['Virtanen', 'virtanen'],
  ['Weiß', 'weiss'], ['Williams', 'williams'], ['Yılmaz', 'yilmaz'], ['Østergaard', 'ostergaard'], ['Åkesson', 'akesson'],
] as const

export const companyNames = [
  'Alder', 'Amber', 'Atlas', 'Beacon', 'Birch', 'Bluewater', 'Bridgeway', 'Cedar', 'Cobalt', 'Copperfield', 'Crestline', 'Delta',
  'Drift', 'Eastgate', 'Ember', 'Evergreen', 'Fairhaven', 'Falcon', 'Fjord', 'Granite', 'Greenfield', 'Harbor', 'Hazel', 'Heron',
  'Horizon', 'Ironwood', 'Juniper', 'Keystone', 'Lakeside', 'Lantern', 'Maple', 'Meridian', 'Mosaic', 'Northwind', 'Oakline',
  'Orchard', 'Pebble', 'Pioneer', 'Quarry', 'Redwood', 'Ridge', 'Riverbend', 'Sable', 'Saltmarsh', 'Silverline', 'Solstice',
  'Summit', 'Tidewater', 'Timber', 'Umber', 'Valley', 'Vista', 'Westbrook', 'Willow', 'Windmill', 'Zephyr',
] as const

export const companyTrades = [
  'Analytics', 'Architects', 'Bakery', 'Biotech', 'Capital', 'Clinics', 'Construction', 'Consulting', 'Design', 'Dynamics',
  'Energy', 'Foods', 'Freight', 'Health', 'Hotels', 'Insurance', 'Labs', 'Logistics', 'Manufacturing', 'Media', 'Mobility',
  'Optics', 'Outfitters', 'Partners', 'Plastics', 'Robotics', 'Software', 'Solar', 'Systems', 'Textiles', 'Travel', 'Wines',
] as const

export const companyForms = ['', '', '', ' GmbH', ' Ltd', ' Inc.', ' AB', ' S.A.', ' & Co.', ' BV'] as const

export const jobTitles = [
  'Account Executive', 'Buyer', 'CEO', 'CFO', 'Chief of Staff', 'COO', 'CTO', 'Customer Success Manager', 'Data Analyst',
  'Director of Operations', 'Founder', 'Head of Marketing', 'Head of Partnerships', 'HR Manager', 'IT Manager',
  'Marketing Specialist', 'Office Manager', 'Operations Lead', 'Owner', 'Procurement Manager', 'Product Manager',
  'Project Manager', 'Purchasing Director', 'Sales Director', 'Sales Manager', 'Software Engineer', 'VP Sales',
] as const

export const cities = [
  ['Amsterdam', 'Netherlands'], ['Athens', 'Greece'], ['Austin', 'United States'], ['Berlin', 'Germany'], ['Boston', 'United States'],
  ['Dublin', 'Ireland'], ['İzmir', 'Turkey'], ['København', 'Denmark'], ['Kraków', 'Poland'], ['Lisboa', 'Portugal'],
  ['London', 'United Kingdom'], ['Lyon', 'France'], ['Madrid', 'Spain'], ['Malmö', 'Sweden'], ['Nairobi', 'Kenya'],
  ['Osaka', 'Japan'], ['São Paulo', 'Brazil'], ['Toronto', 'Canada'], ['Wien', 'Austria'], ['Zürich', 'Switzerland'],
] as const

export const dealSubjects = [
  'annual plan', 'data migration', 'expansion', 'fleet contract', 'licence renewal', 'onboarding', 'pilot', 'platform rollout',
  'referral', 'renewal', 'services retainer', 'starter package', 'support contract', 'upgrade', 'yearly subscription',
] as const
